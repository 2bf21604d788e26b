"""Likeness of pictures: short fingerprints by which a picture is known again."""
