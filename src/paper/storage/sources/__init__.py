"""What authors write: text, and the cells of code in it."""
