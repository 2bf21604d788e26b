"""Evidence: what was seen, by whom, with every hash, in one file that shows when it was changed."""
