"""Faults brought about against real servers: nothing accepted is lost, nothing done twice."""
