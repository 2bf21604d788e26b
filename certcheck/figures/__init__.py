"""Figures: what was checked, what became of the leads, counted by the database."""
