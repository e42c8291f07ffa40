"""What was planned and measured, and which choices were made: the study definition."""
