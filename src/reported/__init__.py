"""What a publication printed: its claims, whether they can be true together, and a cohort if so.

All that others use is imported from here and stands in `__init__.pyi`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
