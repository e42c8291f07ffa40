"""Whether a cohort has every printed number, computed anew from its cells.

Solver and checks share none of this arithmetic; they do share the study definition and the claims.
"""
