"""The commands of `paper`: what is asked for, and what is told of it."""
