"""Steps from one schema of the work database to the next."""
