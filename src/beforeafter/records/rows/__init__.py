"""Which rows of a file are of which patient and visit, and which are of none."""
