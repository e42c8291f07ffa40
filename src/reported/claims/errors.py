"""What goes wrong between a printed claim and a cohort, said so that the reader can act."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from declared import DataError, ExplainedError


class ReportedError(ExplainedError):
    """Anything this package refuses, with a message meant for the reader."""


class BadInputError(ReportedError):
    """The study definition, the claims or both cannot be used; has one error for each file."""

    def __init__(self, errors: Sequence[DataError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, errors)))


class UnreadableNumberError(ReportedError, ValueError):
    """A printed string that is not a number."""


class UnknownClaimError(ReportedError):
    """A claim whose key names nothing the study measured."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key}: no such number in the study; mend the key in published.yml")


class ImpossibleClaimsError(ReportedError):
    """Claims, by their keys, that no cohort, or where not `proven` none searched, satisfies."""

    def __init__(self, outcome: str, claims: Iterable[str], *, proven: bool) -> None:
        self.outcome, self.proven = outcome, proven
        self.claims = tuple(key.removeprefix(f"{outcome}.") for key in claims)
        verdict = "cannot hold together" if proven else "were not met by any cohort searched"
        super().__init__(f"{outcome}: {', '.join(self.claims) or 'any cohort'} {verdict}")


class FailedClaimsError(ReportedError):
    """A reconstructed cohort that its verifier rejects; nothing was written."""

    def __init__(self, claims: Sequence[str]) -> None:
        super().__init__(f"not written, because the cohort fails {', '.join(claims)}")


class UnknownStatisticError(ReportedError):
    """A statistic that cannot be bounded."""

    def __init__(self, key: str, known: Sequence[str]) -> None:
        near = get_close_matches(key, known, n=3) or list(known[:3])
        super().__init__(f"{key}: no such statistic; is it {' or '.join(near)}?")
