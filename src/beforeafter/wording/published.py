"""What a notebook publishes, and what was planned, as numbers with keys and texts."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import pandas as pd

from beforeafter.study import Analysis, Study, key_of
from beforeafter.wording.format import Number, Wording, numbers, significant_text, wording_of
from beforeafter.wording.plain import Plain, is_number, number_of, plain_number
from declared import ExplainedError

HOW_TO_PUBLISH = (
    'publish(paired_change(cohort, study["pain"])), publish({"claims.n_met": 44}) or '
    'publish("age", mean=cohort["age"].mean(), unit="years", decimals=1)'
)
AS_GIVEN = Plain()
AS_PLANNED = "as planned"
MINIMAL = "minimal_important_difference"


def published_numbers(
    what: Any, study: Study | None, key: str = "", how: Plain = AS_GIVEN
) -> dict[str, Number]:
    """Return the numbers of a result, by their keys.

    Of the study, for what was planned; of what a function of a part of the study returned, which
    knows its key; or of a mapping, or a series, of keys to results, plain numbers, or numbers that
    have a text already. Anything else is an `ExplainedError`.
    """
    known = None if key else key_of(what)
    if known:
        return {number.key: number for number in numbers(what).values()}
    if isinstance(what, Study):
        return {f"protocol.{name}": number for name, number in protocol_numbers(what).items()}
    if hasattr(what, "text") and key:
        return {key: what}
    if isinstance(what, (Mapping, pd.Series)):
        found: dict[str, Number] = {}
        for name, inner in what.items():
            found |= published_numbers(inner, study, f"{key}.{name}" if key else str(name), how)
        return found
    return _of_key(what, study, key, how)


def _of_key(what: Any, study: Study | None, key: str, how: Plain) -> dict[str, Number]:
    if key and is_number(what):
        value = number_of(what)
        if isinstance(value, float) and study and how == AS_GIVEN and _part(key, study):
            return {key: _wording(key, study).number(key, value, "estimate", None)}
        return {key: plain_number(key, value, how, study.smallest_count if study else 0)}
    if key and study and is_dataclass(what):
        texts = numbers(what, _wording(key, study))
        return {f"{key}.{name}": number for name, number in texts.items()}
    raise ExplainedError(f"cannot publish {type(what).__name__} {key}: write {HOW_TO_PUBLISH}")


def _part(key: str, study: Study) -> Any:
    return study.parts.get(key.partition(".")[0])


def _wording(key: str, study: Study) -> Wording:
    """Return how numbers under a key are printed: as of its outcome, else as of patients."""
    if part := _part(key, study):
        return wording_of(part, study)
    return Wording("patients", {"default": 0}, study.analysis.ties, study.smallest_count > 0)


def protocol_numbers(study: Study) -> dict[str, Number]:
    """Turn what `study.yml` fixes beforehand into numbers: days, doses, differences, levels."""
    protocol = study.protocol
    planned: dict[str, tuple[float, str]] = {}
    if protocol.infusion_days is not None:
        planned["infusion_days"] = (protocol.infusion_days, "days")
    planned["follow_up_day"] = (protocol.follow_up_day, "day")
    planned |= {f"{drug.name}.dose": (drug.dose, drug.unit) for drug in protocol.treatments}
    planned |= {f"{part.name}.horizon": (part.horizon, part.unit) for part in study.durations}
    planned |= {
        f"{outcome.name}.{MINIMAL}": (outcome.minimal_important_difference.value, outcome.unit)
        for outcome in study.outcomes
        if outcome.minimal_important_difference
    }
    for outcome in study.outcomes:
        if choice := outcome.regression_to_the_mean:
            for name, unit in (("reliability", ""), ("measurement_error", outcome.unit)):
                if found := getattr(choice, name):
                    planned[f"{outcome.name}.{name}.lowest"] = (found.lowest, unit)
                    planned[f"{outcome.name}.{name}.highest"] = (found.highest, unit)
            planned |= {
                f"{outcome.name}.usual_mean_{place}": (mean, outcome.unit)
                for place, mean in enumerate(choice.usual_means, start=1)
            }
    numbers = {
        key: Number(value, significant_text(value), unit, None, AS_PLANNED)
        for key, (value, unit) in planned.items()
    }
    return numbers | _planned_percentages(study.analysis)


def _planned_percentages(analysis: Analysis) -> dict[str, Number]:
    level = analysis.confidence_level
    thresholds = {
        f"responder_threshold_{place}": Number(threshold, f"{threshold:g}%", "%", None, AS_PLANNED)
        for place, threshold in enumerate(analysis.responder_thresholds, start=1)
    }
    return thresholds | {
        "confidence_level": Number(level, f"{100 * level:g}%", "proportion", None, AS_PLANNED)
    }
