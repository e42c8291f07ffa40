"""Figures: they draw results and compute none."""
