"""The change of a scale in the patients measured twice."""
