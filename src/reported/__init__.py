"""What a publication printed: its claims, whether they can be true together, and a cohort if so."""
