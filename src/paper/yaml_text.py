"""YAML as `declared` reads it."""

from declared import compose_yaml as compose_yaml
from declared import load_yaml as load_yaml
