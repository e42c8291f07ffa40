"""Numbers become text and tables here, and nowhere else."""
