"""Lines of print to named fields."""
