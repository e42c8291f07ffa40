"""Records of patients stay where they are."""
