from .search import other_cohorts
from .values_file import with_values, write_values

__all__ = ["other_cohorts", "with_values", "write_values"]
