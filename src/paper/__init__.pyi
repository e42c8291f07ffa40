from .notebooks.begin import begin
from .notebooks.only_when import applies_when
from .notebooks.publish import fact, publish, record_printed, record_standing
from .storage.project import data_file, locate

__all__ = [
    "applies_when",
    "begin",
    "data_file",
    "fact",
    "locate",
    "publish",
    "record_printed",
    "record_standing",
]
