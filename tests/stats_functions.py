"""The public functions of the statistics, so that no test of all of them forgets one."""

import importlib
import inspect
import pkgutil

import analysis.stats

PLUMBING = {"errors", "gee_cells", "intervals", "labels"}
HELPERS = {
    "funnel.clinic_counts",
    "funnel.why_not_compared",
    "gee.refuse_faulty_hips",
    "clusters.cluster_note",
    "clusters.outer_clusters",
    "gee.degrees_of",
    "observational.inverse_probability",
    "proportions.effect_and_quantile",
    "two_proportions.limits_of_difference",
    "two_proportions.newcombe_unpaired_of_many",
    "proportions.observed_rate",
    "proportions.score_interval",
    "rate_by_clinic.clinic_worth",
    "reliability.mean_squares",
    "shrinkage.posterior",
    "standardised.standardised_difference",  # groups that do not overlap are infinitely far apart: its own tests say so
    "standardised.standardised_difference_of_shares",
}
"""What the public functions share; their tests are those of the functions that use them."""


def public_functions():
    """Return ``module.function`` of each."""
    names = set()
    for module in pkgutil.iter_modules(analysis.stats.__path__):
        if module.name not in PLUMBING:
            loaded = importlib.import_module(f"analysis.stats.{module.name}")
            names |= {
                f"{module.name}.{name}"
                for name, member in vars(loaded).items()
                if inspect.isfunction(member) and member.__module__ == loaded.__name__ and name[0] != "_"
            }
    return names - HELPERS
