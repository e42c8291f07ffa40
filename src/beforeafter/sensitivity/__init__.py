"""Whether a conclusion depends on a choice, on the patients lost, or on chance."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
