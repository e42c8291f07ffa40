"""What words in tables mean, in French and English; all are asked for as `plain_words` has them."""

from __future__ import annotations

import re

from beforeafter.study import plain_words

# What people and programs write where nothing was measured.
LIKE_MISSING = frozenset(
    "na|n/a|n.a.|nan|nd|n.d.|null|none|nil|missing|unknown|<na>|#n/a|-|--|.|?|*|x".split("|")  # noqa: SIM905
)
NOT_MEASURED = re.compile(
    r"\b(non[ -](fait|renseigne|applicable|evaluable|recu|disponible|reponse)\w*|manquant\w*|"
    r"missing|refus\w*|unknown|inconnu\w*|nsp|ne sait pas|do ?n.?t know|not (done|applicable|"
    r"asked|answered|recorded|available|assessed)|no answer|absent|perdu\w*|declined)\b"
)
SUMMARY = re.compile(
    r"(moy(enn?es?)?|means?|averages?|avg|mittelwert|media|(ecart|ec\.?)s?[ -]?types?|variance|"
    r"standard dev\w*|std(\.? ?dev\w*)?|stdev\w*|medianes?|medians?|mediana|minimum|maximum|"
    r"totaux|totals?|(sous|sub)[ -]?totals?|sommes?|sums?|effectifs?|nombres?|count|quartiles?|"
    r"(ic|ci) ?95|95 ?%|p[ -]values?|legende|source|remarques?|"
    r"fin du fichier|end of (file|table))(?!\w)|n ?=|n\.?b\.? ?:|#"
)
SHORT_SUMMARY = frozenset(
    "min max n nb sd et e.t. ds s.d. se sem iqr m q1 q3 ic mean±sd med".split()  # noqa: SIM905
)
# What no code of a patient has, but remarks have.
OF_REMARKS = re.compile(r"\s|[%=:(]|^[*#]")
BEST = r"excellent|best|perfect|parfaite?|meilleure?|(very )?good|(tres )?bonn?e?s?"
# What is good depends: no pain is, no relief is not; none of a scale that is better low is.
GOOD = {
    "lower": re.compile(rf"\b(no|not|none|never|aucune?|pas|absence|jamais|rien|{BEST})\b"),
    "higher": re.compile(rf"\b({BEST})\b"),
}
BAD = re.compile(
    r"\b(worst|maxim\w+|extreme\w*|unbearable|severe\w*|insupportable|pire|intense|intolerable|"
    r"bad|poor|mauvaise?s?)\b"
)
YES = re.compile(
    r"\b(oui|yes|vrai|true|observ\w+|surven\w+|presente?|rechute|recidive|relapsed?|recurrence|"
    r"event|evenement|dead|died|deces|decedee?)\b"
)
NO = re.compile(
    r"\b(non|no|not|none|faux|false|aucune?|pas|sans|without|absen\w+|cens\w+|vivante?|alive)\b"
)
IMPROVED = re.compile(r"ameliore|mieux|improve|better")
WORSE = re.compile(r"aggrave|pire|worse|degrade|deteriore")
UNCHANGED = re.compile(
    r"inchange|unchanged|stable|identique|\bsame\b|\b(no|not|pas|sans|aucun|aucune|non)\b"
)
MUCH = re.compile(r"\b(very|tres|enorm\w+|extrem\w+|considerabl\w+)\b")
LITTLE = re.compile(r"\b(minim\w+|slight\w*|a little|un peu|peu|leger\w*|somewhat|faible\w*)\b")
NO_CHANGE = 4


def change_of(text: str) -> int | None:
    """Return which of seven degrees of change a text says, 1 the best; None where it says none."""
    plain = plain_words(text)
    worse, better = WORSE.search(plain), IMPROVED.search(plain)
    if UNCHANGED.search(plain):
        return NO_CHANGE
    if bool(worse) == bool(better):
        return None
    degree = 1 if MUCH.search(plain) else 3 if LITTLE.search(plain) else 2
    return 2 * NO_CHANGE - degree if worse else degree


def truth_of(text: str) -> bool | None:
    """Return whether a text says that an event was seen; None where it says neither."""
    plain = plain_words(text)
    return False if NO.search(plain) else True if YES.search(plain) else None
