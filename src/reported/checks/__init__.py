"""What exact arithmetic says of printed numbers, one variable or one change at a time."""
