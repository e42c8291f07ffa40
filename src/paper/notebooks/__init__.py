"""Notebooks: what they publish, how they run, and how what they gave is compared."""
