"""What a new paper begins with."""
