"""The statistics of a before/after cohort: outcomes and patients, nothing of documents.

What is offered here stands in `__init__.pyi`; each name is imported when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
