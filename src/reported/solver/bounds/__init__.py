"""How far a number that is not printed is pinned down by those that are."""
