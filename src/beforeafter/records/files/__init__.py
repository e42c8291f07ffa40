"""Tables of cells as they stand in files, whatever kind of file it is."""
