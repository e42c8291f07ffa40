from .change.hodges_lehmann import hodges_lehmann
from .change.hypothesis_tests import TESTS, wilcoxon_signed_rank
from .change.mean_change import NOISE, MeanChange, mean_of_changes, t_inference
from .change.paired_change import PairedChange, paired_change
from .change.pairs import (
    NOISE_DECIMALS,
    Integers,
    changes,
    complete_pairs,
    correlation,
    pairs_of,
    varies,
    visits,
)
from .disclosure import WITHHELD, sums_withheld, withheld, withheld_of
from .flow import Flow, patient_flow
from .proportions import (
    Proportion,
    Response,
    category_proportions,
    direction_proportions,
    minimal_difference_proportions,
    rating_proportions,
    responder_proportions,
)
from .quantities import Kind, flatten, quantity
from .summary import FEWEST_FOR_SPREAD, Floats, Summary, summarise
from .time.curve import NoPatientsError, kaplan_meier, numbers_at_risk
from .time.interval_censored import interval_censored
from .time.without_event import (
    Share,
    TimeWithoutEvent,
    name_of,
    restricted_mean,
    time_without_event,
)
from .trajectory import Trajectory, VisitMean, trajectory, visit_key

__all__ = [
    "FEWEST_FOR_SPREAD",
    "NOISE",
    "NOISE_DECIMALS",
    "TESTS",
    "WITHHELD",
    "Floats",
    "Flow",
    "Integers",
    "Kind",
    "MeanChange",
    "NoPatientsError",
    "PairedChange",
    "Proportion",
    "Response",
    "Share",
    "Summary",
    "TimeWithoutEvent",
    "Trajectory",
    "VisitMean",
    "category_proportions",
    "changes",
    "complete_pairs",
    "correlation",
    "direction_proportions",
    "flatten",
    "hodges_lehmann",
    "interval_censored",
    "kaplan_meier",
    "mean_of_changes",
    "minimal_difference_proportions",
    "name_of",
    "numbers_at_risk",
    "paired_change",
    "pairs_of",
    "patient_flow",
    "quantity",
    "rating_proportions",
    "responder_proportions",
    "restricted_mean",
    "summarise",
    "sums_withheld",
    "t_inference",
    "time_without_event",
    "trajectory",
    "varies",
    "visit_key",
    "visits",
    "wilcoxon_signed_rank",
    "withheld",
    "withheld_of",
]
