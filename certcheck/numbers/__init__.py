"""One module a number format."""
