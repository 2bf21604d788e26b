"""One module for each of the eight items, one small unit a rule."""
