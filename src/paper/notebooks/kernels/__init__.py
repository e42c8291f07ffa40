"""Kernels that are all alike, and leave no process behind."""
