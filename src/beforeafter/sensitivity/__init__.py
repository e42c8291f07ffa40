"""Whether a conclusion depends on a choice, on the patients lost, or on chance."""
