"""The manuscript as it is written, read for the embedded renderer: a subset of Quarto."""
