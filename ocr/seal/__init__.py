"""Seals: found, unrolled, read."""
