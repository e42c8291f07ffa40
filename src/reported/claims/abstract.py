"""Claims proposed from the text of an abstract, English or French, with the words they are from.

Whatever has a digit and is not read is shown; nothing is dropped.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from declared import read_yaml
from reported.claims.arms import arms_of, pattern_of
from reported.claims.proposal import Proposal
from reported.claims.sentence import Sentence
from reported.claims.short_study import known_scales
from reported.claims.written_forms import has, has_arms, plain, written_forms

WORDS = Path(__file__).parent / "number_words.yml"
HUNDRED = 100


def read_abstract(text: str) -> Proposal:
    """Return the claims that the text of an abstract, as it is pasted, seems to make."""
    proposal, text = Proposal(), _in_digits(re.sub(written_forms()["mashed"], r"\1: ", text))
    for form, words in (("p_less", " p "), ("p_equal", " p = ")) if has("p_column", text) else ():
        text = re.sub(written_forms()[form], words, text)
    aliases = {alias: name for name, scale in known_scales().items() for alias in scale.names}
    named = {plain(alias): name for alias, name in aliases.items()}
    proposal.arms = arms = arms_of(text, named)
    forms = re.compile(
        rf"(?P<scale>(?<!\w)(?:{'|'.join(_spaced(aliases))})(?!\w))|(?P<arm>{pattern_of(arms)})"
        rf"|(?P<other>{written_forms()['otherwise']})|{written_forms()['forms']}"
        rf"|(?P<unknown>{written_forms()['unknown']})",
        re.VERBOSE | re.IGNORECASE,
    )
    proposal.divided = has_arms("several_arms", text)
    proposal.several_n = len(set(re.findall(r"\bn\s*=\s*\d+", text, re.IGNORECASE))) > 1
    if has("quartiles", text) != has("extremes", text):
        proposal.pair = "quartiles" if has("quartiles", text) else "extremes"
    if has("error", text) and not has("deviation", text):
        proposal.spread = "error" if has("in_errors", text) else "open"
    proposal.all_followed = has("all_followed", text) and not proposal.divided
    proposal.mcnemar = has("mcnemar", text) and not has("of_tables", text)
    if not has("paired_t", text):
        proposal.test = "wilcoxon" if has("signed_rank", text) else ""
        proposal.test = proposal.test or ("unknown" if has("other_test", text) else "")
    scale = ""
    for sentence in re.split(written_forms()["sentences"], text):
        scale = Sentence(sentence, proposal, named, scale).read(list(forms.finditer(sentence)))
    return proposal.settled()


def _in_digits(text: str) -> str:
    """Return a text with digits for the words of a number of patients or of a percentage."""
    text = re.sub(written_forms()["percent"], " %", text, flags=re.IGNORECASE)
    values: dict[str, int] = read_yaml(WORDS).content["words"]
    word = rf"(?:{'|'.join(sorted(values, key=len, reverse=True))})"
    several = rf"\b{word}(?:(?:-|\s+(?:and\s+|et\s+)?|-et-){word})*\b"

    def digits(match: re.Match[str]) -> str:
        total = 0
        for each in re.findall(rf"\b{word}\b", match[0].lower()):
            # A hundred multiplies what stands before it.
            total = max(total, 1) * 100 if values[each] == HUNDRED else total + values[each]
        return str(total)

    return re.sub(several + written_forms()["counted"], digits, text, flags=re.IGNORECASE)


def _spaced(aliases: Iterable[str]) -> Iterator[str]:
    """Yield patterns, the longest first; what is written in capitals is no other word in small."""
    for alias in sorted(aliases, key=len, reverse=True):
        pattern = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", alias))
        yield f"(?-i:{pattern})" if alias.isupper() else pattern
