"""What the result would be if the patients lost at follow-up had come back."""
