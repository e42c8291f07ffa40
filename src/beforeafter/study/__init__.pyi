from .definition import Part, Study, key_of, of_part
from .estimands import Estimand, Rule
from .instruments import Instrument
from .measures import Characteristic, Duration, Rating, Recorded, plain_words
from .outcomes import BASELINE, FOLLOW_UP, ITEM, Outcome
from .plan import (
    Analysis,
    Decimals,
    Implausibility,
    Limits,
    PercentageDefinition,
    Protocol,
    Test,
    Ties,
)
from .recorded import Dates, RecordedColumn, RecordedVisits, Records, code_text
from .roles import Role, roles
from .study_file import read_study

__all__ = [
    "BASELINE",
    "FOLLOW_UP",
    "ITEM",
    "Analysis",
    "Characteristic",
    "Dates",
    "Decimals",
    "Duration",
    "Estimand",
    "Implausibility",
    "Instrument",
    "Limits",
    "Outcome",
    "Part",
    "PercentageDefinition",
    "Protocol",
    "Rating",
    "Recorded",
    "RecordedColumn",
    "RecordedVisits",
    "Records",
    "Role",
    "Rule",
    "Study",
    "Test",
    "Ties",
    "code_text",
    "key_of",
    "of_part",
    "plain_words",
    "read_study",
    "roles",
]
