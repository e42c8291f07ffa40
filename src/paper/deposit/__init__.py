"""The paper as others keep it: archive, metadata, and the same bytes again."""
