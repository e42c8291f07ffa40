"""What the patients measured say of an outcome: one function for each estimand."""
