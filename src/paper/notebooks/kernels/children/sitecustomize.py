"""Python runs this first in every process that a kernel starts: it is observed as the kernel is."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

# By its place: nothing that is observed may be imported for it.
_spec = spec_from_file_location("paper_observes", Path(__file__).parents[1] / "observe.py")
if _spec and _spec.loader:
    _observer = module_from_spec(_spec)
    _spec.loader.exec_module(_observer)
    _observer.observe()
