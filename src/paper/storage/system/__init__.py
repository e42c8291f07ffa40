"""What is asked of the system: git, and how many cores there are."""
