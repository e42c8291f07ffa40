"""YAML as `declared` reads it."""

from declared import compose_yaml, load_yaml

__all__ = ["compose_yaml", "load_yaml"]
