"""Does a jade certificate agree with what its laboratory is allowed to do?"""
