"""Whether a paper tells of single patients: other patients of whom it would be the same."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
