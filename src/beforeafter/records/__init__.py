"""Records as they lie on somebody's disk, made into the cohort of a study, or refused."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
