"""What stops a paper from being built, said so that its author can mend it."""

from collections.abc import Sequence

from declared import ExplainedError


class PaperError(ExplainedError):
    """A paper that cannot be built.

    `where`: file and, where known, line or cell. `what`: what is wrong there. `hint`: what to do
    about it. `full`: the same error in full where that may show a value of somebody's records.
    """

    def __init__(
        self, where: str, what: str, hint: str = "", full: "PaperError | None" = None
    ) -> None:
        self.where, self.what, self.hint, self._full = where, what, hint, full
        super().__init__(f"{where}: {what}" + (f"\n{hint}" if hint else ""))

    def in_full(self) -> "PaperError":
        """Return the error as its author may see it, on the terminal and in no file."""
        return self._full or self


class ProblemsError(PaperError):
    """Everything that was found wrong at once, one error or more."""

    def __init__(self, problems: Sequence[PaperError]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.where, first.what, first.hint)

    def in_full(self) -> PaperError:
        """Return all of them as their author may see them."""
        return ProblemsError([problem.in_full() for problem in self.problems])

    def __str__(self) -> str:
        """Tell all of them; of neighbours with the same hint, give it once."""
        following = [*(problem.hint for problem in self.problems[1:]), ""]
        return "\n".join(
            f"{problem.where}: {problem.what}"
            + (f"\n{problem.hint}" if problem.hint and problem.hint != after else "")
            for problem, after in zip(self.problems, following, strict=True)
        )
