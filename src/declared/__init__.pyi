from .command_line import new_app, run
from .definitions import (
    Check,
    Definition,
    Name,
    has_default,
    misfits,
    repeats,
    rising,
    some,
    validate,
)
from .errors import SHORT, DataError, ExplainedError, Problem, nearest
from .yaml_file import FieldPath, YamlFile, read_yaml
from .yaml_text import compose_yaml, load_yaml

__all__ = [
    "SHORT",
    "Check",
    "DataError",
    "Definition",
    "ExplainedError",
    "FieldPath",
    "Name",
    "Problem",
    "YamlFile",
    "compose_yaml",
    "has_default",
    "load_yaml",
    "misfits",
    "nearest",
    "new_app",
    "read_yaml",
    "repeats",
    "rising",
    "run",
    "some",
    "validate",
]
