"""What was fixed beforehand, as numbers."""

from __future__ import annotations

from beforeafter.study import Analysis, Study
from beforeafter.wording.format import Number, significant_text

AS_PLANNED = "as planned"
MINIMAL = "minimal_important_difference"


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
            ends = {"lowest": choice.reliability.lowest, "highest": choice.reliability.highest}
            planned |= {f"{outcome.name}.reliability.{end}": (r, "") for end, r in ends.items()}
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
