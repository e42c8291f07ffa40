"""All checks of the printed numbers of a publication."""

from beforeafter.study import Study
from reported.checks.between import change_checks
from reported.checks.single import dataset_counts, follow_up_sizes, single_checks
from reported.claims.findings import AuditFinding
from reported.claims.published import Published


def run_checks(published: Published, study: Study, *, counted: bool = True) -> list[AuditFinding]:
    """Run every check that applies, and tell how many datasets there are if they are `counted`.

    Where the reading leaves open how many patients were followed up, every number is tried, and
    changes are examined with those that remain; claims are refuted where no number will do.
    """
    candidates = follow_up_sizes(published)
    checks = list(single_checks(published, study, candidates))
    at_follow_up = [check for check in checks if check.sizes is candidates]
    surviving = set(candidates).intersection(*(check.possible for check in at_follow_up))
    followed = sorted(surviving) or candidates
    findings = [check.finding() for check in checks]
    if published.reading.n_follow_up is None:
        keys = tuple(dict.fromkeys(key for check in at_follow_up for key in check.claims))
        text = f"possible for all: {', '.join(map(str, sorted(surviving))) or 'none'}"
        found = AuditFinding("patients followed up", keys, refuted=False, explanation=text)
        findings.append(found)
    if counted:
        findings += [check.finding() for check in dataset_counts(published, study, followed)]
    findings += change_checks(published, study, followed)
    return [finding for finding in findings if not _follows(finding, findings)]


def _follows(finding: AuditFinding, findings: list[AuditFinding]) -> bool:
    """Whether it refutes more claims than another that is refuted, and so adds nothing."""
    return finding.refuted and any(
        other.refuted and set(other.claims) < set(finding.claims) for other in findings
    )
