from .characteristics import Characteristic
from .definition import Study
from .durations import Duration, Recorded
from .instruments import Instrument
from .outcomes import ITEM, Outcome
from .plan import Analysis, Decimals, PercentageDefinition, Protocol, Test, Ties
from .ratings import Rating
from .recorded import Dates, RecordedColumn, Records, VisitRows, code_text
from .study_file import read_study

__all__ = [
    "ITEM",
    "Analysis",
    "Characteristic",
    "Dates",
    "Decimals",
    "Duration",
    "Instrument",
    "Outcome",
    "PercentageDefinition",
    "Protocol",
    "Rating",
    "Recorded",
    "RecordedColumn",
    "Records",
    "Study",
    "Test",
    "Ties",
    "VisitRows",
    "code_text",
    "read_study",
]
