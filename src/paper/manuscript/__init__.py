"""The text: its numbers, its conditions, and what is wrong with it."""
