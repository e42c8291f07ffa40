from .characteristics import Characteristic
from .definition import Part, Study
from .durations import Duration, Recorded
from .instruments import Instrument
from .of_part import key_of, of_part
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
    "Part",
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
    "key_of",
    "of_part",
    "read_study",
]
