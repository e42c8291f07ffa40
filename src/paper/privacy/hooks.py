"""The hooks with which git lets the guard look at what is committed, merged and pushed."""

import shlex
import sys
from pathlib import Path

from paper.errors import PaperError
from paper.storage.files import replace_text
from paper.storage.system.git import ask_git

# A push also sends what came past the other hooks: by a rebase, or from elsewhere.
HOOKS = {"pre-commit": "guard", "pre-merge-commit": "guard", "pre-push": "guard --push"}
OURS = "# Written by `paper guard --install`."
PURPOSE = "Hooks belong to a git repository: git init"


def install_hooks(root: Path) -> None:
    """Let git run the guard before each commit, the end of each merge, and each push.

    Raises PaperError if there is no repository, or another program has a hook there.
    """
    absolute = ("rev-parse", "--path-format=absolute")
    [top] = ask_git(root, PURPOSE, *absolute, "--show-toplevel")
    [hooks] = ask_git(root, PURPOSE, *absolute, "--git-path", "hooks")
    folder = Path(hooks)
    others = [
        name for name in HOOKS
        if (folder / name).exists() and OURS not in (folder / name).read_text(errors="replace")
    ]  # fmt: skip
    if others:
        hint = "Let it run too: paper guard; before a push: paper guard --push"
        raise PaperError(str(folder / others[0]), "is a hook of another program", hint)
    folder.mkdir(parents=True, exist_ok=True)
    # The paper may lie in a folder below the repository.
    place = shlex.quote(root.resolve().relative_to(Path(top).resolve()).as_posix())
    for name, command in HOOKS.items():
        run = f"exec {shlex.quote(sys.executable)} -m paper {command}"
        text = f'#!/bin/sh\n{OURS}\ncd "$(git rev-parse --show-toplevel)"/{place} && {run}\n'
        replace_text(folder / name, text)
        (folder / name).chmod(0o755)
