"""Ask git what it tracks."""

import subprocess
from pathlib import Path

from paper.errors import PaperError


def ask_git(root: Path, purpose: str, *arguments: str) -> list[str]:
    """Return the lines of an answer, which with `-z` end in zeros.

    Raises PaperError if git is not there, or refuses.
    """
    command = ["git", *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=root, capture_output=True, check=False, text=True,
            encoding="utf-8", errors="surrogateescape",
        )  # fmt: skip
    except FileNotFoundError:
        raise PaperError("git", "not found", purpose) from None
    if done.returncode:
        raise PaperError("git", done.stderr.strip(), purpose)
    end = "\0" if "-z" in arguments else "\n"
    return done.stdout.split(end)[:-1]
