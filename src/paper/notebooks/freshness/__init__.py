"""What a notebook depends on, and whether its outputs are still current."""
