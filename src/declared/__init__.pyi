from .audit import unobserved
from .command_line import new_app, run
from .definitions import (
    Check,
    Definition,
    Name,
    Text,
    Texts,
    as_list,
    has_default,
    misfits,
    repeats,
    rising,
    some,
    validate,
)
from .errors import SHORT, DataError, ExplainedError, Problem, UnknownNameError, nearest
from .yaml_file import FieldPath, YamlFile, parse_yaml, read_yaml

__all__ = [
    "SHORT",
    "Check",
    "DataError",
    "Definition",
    "ExplainedError",
    "FieldPath",
    "Name",
    "Problem",
    "Text",
    "Texts",
    "UnknownNameError",
    "YamlFile",
    "as_list",
    "has_default",
    "misfits",
    "nearest",
    "new_app",
    "parse_yaml",
    "read_yaml",
    "repeats",
    "rising",
    "run",
    "some",
    "unobserved",
    "validate",
]
