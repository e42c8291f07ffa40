"""Whether a cohort has every printed number, computed anew from its cells.

Means, variances, percentages and p-values are computed here alone: solver and checks share none of
this code. They do share the study definition, the claims, and the numbers that each printed string
may stand for (`reported.claims`): a mistake there is a mistake of both.
"""
