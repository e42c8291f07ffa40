"""A first study definition for a table that nobody has described yet."""
