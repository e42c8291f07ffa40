"""What a publication printed: its claims, whether they can be true together, and a cohort if so.

All that others use is imported from here and stands in `__init__.pyi`; each name is imported when
it is first used. Behind it lie four rooms: `claims`, what is printed; `checks`, the arithmetic of
one variable or change at a time; `solver`, all numbers of an outcome together; and `verifier`,
which shares no arithmetic with the solver.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
