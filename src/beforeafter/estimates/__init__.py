"""What the patients measured say of an outcome: one function for each estimand."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
