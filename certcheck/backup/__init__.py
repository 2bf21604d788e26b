"""All that a deployment keeps, in one file: databases, stored files, where the log ended.

The file is a TAR whose last member lists size and SHA-256 of all others. It is whole or not there,
is looked through before anything is put back, and does not hold the secret that signs cookies.
"""
