"""What checks have seen before, and what people have observed: a book of its own."""
