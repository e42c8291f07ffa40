"""Files of a paper: where they lie, how they are replaced, what earlier builds left."""
