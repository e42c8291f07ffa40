"""Files that people write: YAML with its lines, and errors that name place and remedy."""
