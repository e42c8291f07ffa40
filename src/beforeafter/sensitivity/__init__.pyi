from .assumptions import NormalQuantiles, normal_quantiles, quantiles_of
from .missing.missing import missing_data
from .multiplicity import adjusted_for_family, largest_p
from .multiverse import SpecifiedChange, multiverse, specification_curve
from .regression_to_the_mean import RegressionToTheMean, TowardsMean, regression_to_the_mean
from .subgroups import SubgroupAnalysis, subgroup_analyses, subgroups_told, without_small

__all__ = [
    "NormalQuantiles",
    "RegressionToTheMean",
    "SpecifiedChange",
    "SubgroupAnalysis",
    "TowardsMean",
    "adjusted_for_family",
    "largest_p",
    "missing_data",
    "multiverse",
    "normal_quantiles",
    "quantiles_of",
    "regression_to_the_mean",
    "specification_curve",
    "subgroup_analyses",
    "subgroups_told",
    "without_small",
]
