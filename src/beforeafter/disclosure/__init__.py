"""Whether a paper tells of single patients: other patients of whom it would be the same."""

from beforeafter.disclosure.search import other_cohorts
from beforeafter.disclosure.values_file import with_values, write_values

__all__ = ["other_cohorts", "with_values", "write_values"]
