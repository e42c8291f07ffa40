"""What stops a paper from being built, said so that its author can mend it."""

from __future__ import annotations


class PaperError(Exception):
    """A paper that cannot be built.

    Parameters
    ----------
    where
        File and, where known, line or cell.
    what
        What is wrong there.
    hint
        What to do about it.
    """

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        self.where, self.what, self.hint = where, what, hint
        super().__init__(f"{where}: {what}" + (f"\n{hint}" if hint else ""))
