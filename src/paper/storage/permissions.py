"""What `notebooks-may` in `paper.yml` says: what notebooks may depend on beside the paper."""

from pathlib import Path

import yaml

from declared import Definition, Texts, YamlFile, validate


class Permissions(Definition):
    """Files and folders outside the paper, variables of the environment, and the network."""

    read: Texts | tuple[()] = ()
    environment: Texts | tuple[()] = ()
    network: bool = False


def permissions(file: Path, content: object, node: yaml.Node | None) -> Permissions:
    """Return the permissions of a paper.

    Raises DataError if the section has a field that is not known, or of another kind, with the
    line.
    """
    return validate(Permissions, YamlFile(file, content or {}, node, ()))
