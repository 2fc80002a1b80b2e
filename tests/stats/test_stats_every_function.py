"""Every public function of the statistics on cohorts that leave little or nothing to estimate, and its symmetries.

Each must give numbers, or say why not: never a crash, a warning (these are errors here), an infinite, or a NaN without
its reason. A function without an entry makes the first test fail.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats import admitted, cut_off
from analysis.stats.agreement import limits_of_agreement
from analysis.stats.ancova import ancova
from analysis.stats.anova_interval import anova_wilson
from analysis.stats.asymmetry import change_of_share_showing, share_showing
from analysis.stats.balance import balance, e_value
from analysis.stats.beyond_chance import against_chance, against_every_chance
from analysis.stats.chance import (
    at_least,
    gain_by_chance,
    loss_by_chance,
    sign_change_by_chance,
)
from analysis.stats.change_distribution import change_distribution
from analysis.stats.clustered_pairs import durkalski, obuchowski
from analysis.stats.control_chart import p_chart
from analysis.stats.excess import excess_over_chance
from analysis.stats.funnel import ACTION, exact_funnel_limits, funnel_limits, overdispersion
from analysis.stats.gee import gee_difference
from analysis.stats.heterogeneity import heterogeneity
from analysis.stats.important_change import important_change
from analysis.stats.imputation import imputed_rates
from analysis.stats.interaction import side_by_group
from analysis.stats.intervals import NotEstimableError
from analysis.stats.labels import numbered
from analysis.stats.least_squares import clustered_coefficient, clustered_combinations
from analysis.stats.logistic import fit_logistic
from analysis.stats.means import mean_with_interval
from analysis.stats.measurement import minimal_detectable_change
from analysis.stats.mixed_model import fit_mixed_model, whitened
from analysis.stats.multiple import adjusted_p_values
from analysis.stats.observational import adjusted_differences
from analysis.stats.paired import (
    PairedTable,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_score,
    newcombe10,
    newcombe10_of_counts,
    tango,
    tango_of_counts,
)
from analysis.stats.pooling import pool, pool_rates
from analysis.stats.proportions import (
    ClusterSums,
    cluster_sums,
    clustered_wilson,
    clustered_wilson_from_sums,
    effective_hips,
    observed_rate,
    wilson,
)
from analysis.stats.rate_by_clinic import clinic_intervals, clinic_means, clinic_wilson
from analysis.stats.rate_intervals import RATE_INTERVALS, clopper_pearson, jeffreys, rao_scott
from analysis.stats.regression_to_mean import expected_change, mean_size, pull_to_mean, reliability_of
from analysis.stats.reliability import icc_agreement, icc_consistency, mean_squares, reliability
from analysis.stats.repeated_means import repeated_means
from analysis.stats.run_rules import chart_signals, false_alarms, periods_until_seen, shift_length
from analysis.stats.shrinkage import shrunk_rates
from analysis.stats.strata import strata_with_both
from analysis.stats.two_proportions import newcombe_unpaired
from stats_functions import public_functions

nan = float("nan")


class Hips(NamedTuple):
    """A cohort, one entry per hip; and the counts of it that functions ask for."""

    responded: np.ndarray
    left: np.ndarray
    person: np.ndarray
    clinic: np.ndarray
    kind: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def per_person(self):
        number = numbered(self.person)
        return np.bincount(number, self.responded).astype(int), np.bincount(number)

    @property
    def sums(self):
        return cluster_sums(*self.per_person)

    @property
    def per_clinic(self):
        number = numbered(self.clinic)
        return np.bincount(number, self.responded), np.bincount(number)

    @property
    def pairs(self):
        """Outcome, clinic and left minus right, before and after, of everyone with both hips."""
        left, right = (self.take(self.left == side) for side in (1, 0))
        _, at, other = np.intersect1d(left.person, right.person, return_indices=True)
        one, two = left.take(at), right.take(other)
        return one.responded, two.responded, one.clinic, one.before - two.before, one.after - two.after

    @property
    def table(self):
        left, right, *_ = self.pairs
        cells = [np.sum((left == x) & (right == y)) for x, y in ((1, 1), (1, 0), (0, 1), (0, 0))]
        return PairedTable(*map(int, cells))

    @property
    def pairs_of_clinics(self):
        left, right, clinic, *_ = self.pairs
        number = numbered(clinic)
        return [np.bincount(number, of) for of in (left > right, left < right, np.ones(len(number)))]

    def take(self, rows):
        return Hips(*(column[rows] for column in self))


def people(*both, left=(), right=(), clinics=12, seed=1, step=0.5):
    """Pairs (left, right) and people with one hip, 1 for a responder, in so many clinics in turn."""
    hips = [
        (side, place, outcome) for place, pair in enumerate(both) for side, outcome in zip((1, 0), pair, strict=True)
    ]
    alone = [*((1, outcome) for outcome in left), *((0, outcome) for outcome in right)]
    hips += [(side, len(both) + place, outcome) for place, (side, outcome) in enumerate(alone)]
    side, person, responded = np.array(hips, dtype=int).reshape(-1, 3).T
    rng = np.random.default_rng(seed)
    before = step * np.round(rng.normal(20, 6, len(side)) / step) if step else np.full(len(side), 20.0)
    after = before + 2 * responded + (step * np.round(rng.normal(0, 3, len(side)) / step) if step else 0)
    return Hips(responded, side, person, person % clinics, np.where(person % 3, "T1", "T2"), before, after)


MIXED = [(1, 0), (0, 1), (1, 1), (0, 0), (1, 0)]
COHORTS = {
    "ordinary": people(*MIXED * 8, left=[1, 0] * 4, right=[0, 1] * 4),
    "nobody": people(),
    "one hip": people(left=[1]),
    "one person": people((1, 0)),
    "one person, both responded": people((1, 1)),
    "two people": people((1, 0), (0, 1)),
    "no bilateral people": people(left=[1, 0] * 8, right=[0, 1, 1, 1] * 4),
    "left hips only": people(left=[1, 0] * 12),
    "none responded": people(*[(0, 0)] * 20, left=[0] * 3),
    "all responded": people(*[(1, 1)] * 20, right=[1] * 3),
    "no left hip responded": people(*[(0, 1), (0, 0)] * 10),
    "all left hips responded": people(*[(1, 1), (1, 0)] * 10),
    "hips agree": people(*[(1, 1), (0, 0)] * 12),
    "hips disagree": people(*[(1, 0), (0, 1)] * 12),
    "one of many": people(*[(0, 0)] * 60, (1, 0)),
    "one clinic": people(*MIXED * 8, clinics=1),
    "two clinics": people(*MIXED * 8, clinics=2),
    "readings alike": people(*MIXED * 8, step=0),
}


class Entry(NamedTuple):
    """How a function is asked about a cohort."""

    ask: Callable[[Hips], Any]
    missing: tuple[str, ...] = ()
    """The cohorts for which its docstring promises NaN and it has no words beside it."""
    key: Callable[[Any], tuple[float, float, float, float]] | None = None
    """Estimate, two limits and p-value, NaN for what it has not; what is seen in a mirror."""
    sides: Callable | None = None
    """What exchanging left and right makes of that; ``outcomes`` the same for responders and non-responders."""
    outcomes: Callable | None = None


class Said(NamedTuple):
    """The reason of a function that raises it."""

    reason: str


def said(ask):
    """Return an answer, or what NotEstimableError says."""
    try:
        return ask()
    except NotEstimableError as error:
        return Said(str(error))


def same(key):
    return key


def turned(key):
    estimate, low, high, p = key
    return -estimate, -high, -low, p


def complement(key):
    estimate, low, high, p = key
    return 1 - estimate, 1 - high, 1 - low, p


def of_limits(limits):
    low, high = limits
    return nan, float(low), float(high), nan


def of_difference(result):
    return result.difference, *result.interval, result.p_value


def logistic(hips):
    columns = np.column_stack([np.ones(len(hips.before)), hips.left, hips.before])
    coefficients, reason = fit_logistic(columns, hips.responded.astype(float), np.ones((1, len(columns))))
    if reason[0]:
        raise NotEstimableError(reason[0])
    return coefficients[0]


def mean_gain(hips):
    design = np.ones((len(hips.before), 1))
    return clustered_coefficient(hips.after - hips.before, design, numbered(hips.person), 0)


def gain_of_all(hips):
    """Before and after of every hip: the change of the mean."""
    twice = [np.tile(column, 2) for column in (np.arange(len(hips.left)), hips.person, hips.clinic)]
    visit = np.repeat([0, 1], len(hips.left))
    return repeated_means(np.append(hips.before, hips.after), visit, *twice, asked=[[-1, 1]])


def missing_some(hips):
    seen = hips.responded.astype(float)
    seen[::5] = nan
    return imputed_rates(seen, hips.before[:, None], hips.person, tilts=[-1, 0, 1], imputations=3, clinic=hips.clinic)


def completed(hips):
    """Return the sums of two ways to fill in an outcome."""
    x, m = hips.per_person
    first, second = cluster_sums(x, m), cluster_sums(np.where(np.arange(len(x)) == 0, m, x), m)
    return pool_rates(ClusterSums(*(np.array(pair) for pair in zip(first, second, strict=True))))


def correlation(icc):
    def ask(hips):
        readings = np.column_stack([hips.before, hips.after])
        why_not = reliability(readings).reason
        return Said(why_not) if why_not else icc(mean_squares(readings))

    return ask


def gain_statistics(hips):
    few = len(hips.before) < 2
    mean, variance = (nan, nan) if few else (hips.before.mean(), hips.before.var(ddof=1))
    return {"mean": mean, "variance": variance}


def verdict(hips):
    sums = hips.sums
    (low, high), (x, _) = clustered_wilson_from_sums(sums), hips.per_person
    return against_chance(low, high, 0.1, sums.people, int((x > 0).sum()), sums.hips)


def flags(hips):
    chart = p_chart(*hips.per_clinic, laney=True)
    return chart_signals(chart.rate, chart.centre, chart.low, chart.high)


def readings_of_sides(hips):
    """First readings of left and right of each person."""
    person = numbered(hips.person)
    sides = np.full((2, person.max(initial=-1) + 1), nan)
    sides[1 - hips.left, person] = hips.before
    return sides


def edges(hips):
    return np.full(readings_of_sides(hips).shape[1], 60.0)


def half_degrees(hips):
    return np.full(len(edges(hips)), 0.5)


def variance_of(fit, hips, *steps):
    """The variance that a fit finds; nothing where it says that there is nothing to fit."""
    cut = edges(hips) if fit is not admitted.of_chosen_differences else np.zeros(len(edges(hips)))
    found = fit(*readings_of_sides(hips), cut, *steps)
    return () if found is None else found.variance


def ahead(hips):
    left_only, right_only, _ = hips.pairs_of_clinics
    return [left_only - right_only]


NOBODY = ("nobody",)
ONE_CLINIC = ("one hip", "one person", "one person, both responded", "one clinic")
CLINICS_ALIKE = (
    "no bilateral people",
    "left hips only",
    "none responded",
    "all responded",
    "hips agree",
    "two clinics",
)
NO_VARIANCE = ("nobody", "one hip", "one person", "one person, both responded", "no bilateral people")
NO_PAIR = ("nobody", "one hip", "no bilateral people", "left hips only")
FEW = ("nobody", "one hip")
NO_SPREAD = (*FEW, "one person", "one person, both responded")
RATE = {"key": of_limits, "sides": same, "outcomes": complement}
PAIRS = {"sides": turned, "outcomes": turned}
EVERY = {
    "admitted.of_everyone": Entry(lambda h: admitted.of_everyone(*readings_of_sides(h)).variance, NO_SPREAD),
    "admitted.of_chosen_hips": Entry(lambda h: variance_of(admitted.of_chosen_hips, h, half_degrees(h))),
    "admitted.of_chosen_people": Entry(lambda h: variance_of(admitted.of_chosen_people, h)),
    "admitted.of_chosen_differences": Entry(lambda h: variance_of(admitted.of_chosen_differences, h, half_degrees(h))),
    "admitted.of_differences": Entry(lambda h: admitted.of_differences(*readings_of_sides(h), 1.0, 30.0) or ()),
    "admitted.with_reference": Entry(
        lambda h: admitted.with_reference(*readings_of_sides(h), edges(h), 20.0, 8.0, "person").variance
    ),
    "cut_off.looks_cut_off": Entry(lambda h: cut_off.looks_cut_off(readings_of_sides(h)[0], edges(h))),
    "cut_off.lacks_small": Entry(lambda h: cut_off.lacks_small(np.subtract(*readings_of_sides(h)))),
    "agreement.limits_of_agreement": Entry(
        lambda h: limits_of_agreement(h.before, h.after, h.person, h.clinic),
        key=lambda r: (r.bias, r.lower, r.upper, nan),
        sides=same,
        outcomes=turned,
    ),
    "ancova.ancova": Entry(
        lambda h: ancova(h.before, h.after, h.left, h.person), key=of_difference, sides=turned, outcomes=same
    ),
    "anova_interval.anova_wilson": Entry(lambda h: anova_wilson(h.sums), NOBODY, **RATE),
    "asymmetry.share_showing": Entry(lambda h: share_showing(h.pairs[3], 2.0), NO_PAIR),
    "asymmetry.change_of_share_showing": Entry(lambda h: change_of_share_showing(h.pairs[3], h.pairs[4], 2.0), NO_PAIR),
    "balance.balance": Entry(
        lambda h: balance(h.left, np.column_stack([h.before, h.after]), 1 + h.before), ("readings alike",), None
    ),
    "balance.e_value": Entry(lambda h: e_value(1 + h.responded.mean() if len(h.responded) else nan), NOBODY),
    "beyond_chance.against_chance": Entry(verdict),
    "beyond_chance.against_every_chance": Entry(
        lambda h: against_every_chance([0.2], [0.4], [[0.1], [0.3]], [len(h.left)], [len(h.left)], [len(h.left)])
    ),
    "chance.gain_by_chance": Entry(lambda h: gain_by_chance(h.before, 5, 3, 0.5, **gain_statistics(h)), ("one hip",)),
    "chance.loss_by_chance": Entry(lambda h: loss_by_chance(h.before, 5, 3, 0.5, **gain_statistics(h)), ("one hip",)),
    "chance.sign_change_by_chance": Entry(
        lambda h: sign_change_by_chance(observed_rate(h.sums), [0, 0.5, 1]), ("nobody", "none responded")
    ),
    "chance.at_least": Entry(lambda h: at_least(np.column_stack([h.responded, h.left / 2]), 1)),
    "change_distribution.change_distribution": Entry(lambda h: change_distribution(h.after - h.before, h.person)),
    "clustered_pairs.durkalski": Entry(lambda h: durkalski(*h.pairs_of_clinics), key=of_difference, **PAIRS),
    "clustered_pairs.obuchowski": Entry(lambda h: obuchowski(*h.pairs_of_clinics), key=of_difference, **PAIRS),
    "control_chart.p_chart": Entry(lambda h: p_chart(*h.per_clinic, laney=True)),
    "excess.excess_over_chance": Entry(
        lambda h: excess_over_chance(observed_rate(h.sums), clustered_wilson_from_sums(h.sums), 0.2), NOBODY
    ),
    "funnel.overdispersion": Entry(lambda h: overdispersion(*h.per_clinic)),
    "funnel.funnel_limits": Entry(
        lambda h: funnel_limits(h.per_clinic[1], h.responded.mean() if len(h.left) else 0.5, ACTION), key=None
    ),
    "funnel.exact_funnel_limits": Entry(
        lambda h: exact_funnel_limits(h.per_clinic[1], h.responded.mean() if len(h.left) else 0.5, 0.998)
    ),
    "gee.gee_difference": Entry(
        lambda h: gee_difference(h.responded, h.left, h.person, clinic=h.clinic),
        key=lambda r: (r.difference, *r.difference_interval, r.p_value),
        **PAIRS,
    ),
    "heterogeneity.heterogeneity": Entry(lambda h: heterogeneity(*h.per_clinic)),
    "important_change.important_change": Entry(
        lambda h: important_change(h.after - h.before, h.responded, 1, h.person, h.clinic, resamples=20),
        ("readings alike",),  # the gain tells all who improved: no slope
    ),
    "imputation.imputed_rates": Entry(missing_some),
    "interaction.side_by_group": Entry(
        lambda h: side_by_group(h.responded, h.left, h.kind, h.person, h.clinic),
        key=lambda r: (r.groups[0].difference, *r.groups[0].interval, r.p_value) if r.groups else (nan,) * 4,
        **PAIRS,
    ),
    "least_squares.clustered_coefficient": Entry(
        lambda h: mean_gain(h) if len(h.left) else Said("no column of full rank"),
        ("one hip", "one person", "one person, both responded"),
    ),
    "least_squares.clustered_combinations": Entry(
        lambda h: (
            clustered_combinations(h.before, np.ones((len(h.left), 1)), numbered(h.person), np.ones((1, 1)))
            if len(h.left)
            else Said("no column of full rank")
        ),
        ("one hip", "one person", "one person, both responded", "readings alike"),
    ),
    "logistic.fit_logistic": Entry(lambda h: said(lambda: logistic(h))),
    "means.mean_with_interval": Entry(
        lambda h: mean_with_interval(h.after - h.before, h.person),
        key=lambda r: (r.mean, *r.interval, r.p_value),
        sides=same,
        outcomes=turned,
    ),
    "measurement.minimal_detectable_change": Entry(lambda h: minimal_detectable_change(float(len(h.left)))),
    "mixed_model.fit_mixed_model": Entry(
        lambda h: (
            fit_mixed_model(h.before, np.ones((len(h.left), 1)), [numbered(h.person)])
            if len(h.left)
            else Said("no column of full rank")
        )
    ),
    "mixed_model.whitened": Entry(lambda h: whitened(h.before[:, None], [numbered(h.person)], [0.5])),
    "multiple.adjusted_p_values": Entry(lambda h: adjusted_p_values([mcnemar_midp(h.table), 0.01, 0.3]), NO_PAIR),
    "observational.adjusted_differences": Entry(
        lambda h: adjusted_differences(h.responded, h.left, h.before[:, None], h.person)
    ),
    "paired.mcnemar_exact": Entry(lambda h: mcnemar_exact(h.table), NO_PAIR, lambda p: (nan, nan, nan, p), **PAIRS),
    "paired.mcnemar_midp": Entry(lambda h: mcnemar_midp(h.table), NO_PAIR, lambda p: (nan, nan, nan, p), **PAIRS),
    "paired.mcnemar_score": Entry(lambda h: mcnemar_score(h.table), NO_PAIR, lambda p: (nan, nan, nan, p), **PAIRS),
    "paired.newcombe10": Entry(lambda h: newcombe10(h.table), NO_PAIR, of_limits, **PAIRS),
    "paired.newcombe10_of_counts": Entry(
        lambda h: newcombe10_of_counts(*vars(h.table).values()), NO_PAIR, of_limits, **PAIRS
    ),
    "paired.tango": Entry(lambda h: tango(h.table), NO_PAIR, of_limits, **PAIRS),
    "paired.tango_of_counts": Entry(lambda h: tango_of_counts(*vars(h.table).values()), NO_PAIR, of_limits, **PAIRS),
    "pooling.pool": Entry(lambda h: pool(np.append(h.responded, [0.5, 0.6]), np.full(len(h.left) + 2, 0.01), 20)),
    "pooling.pool_rates": Entry(lambda h: completed(h) if len(h.left) else Said("the caller has hips")),
    "proportions.wilson": Entry(lambda h: wilson(h.responded.sum(), len(h.left)), NOBODY, **RATE),
    "two_proportions.newcombe_unpaired": Entry(
        lambda h: newcombe_unpaired(h.responded @ h.left, h.left.sum(), h.responded @ (1 - h.left), (1 - h.left).sum()),
        ("nobody", "one hip", "left hips only"),
        of_limits,
        **PAIRS,
    ),
    "proportions.cluster_sums": Entry(lambda h: h.sums),
    "proportions.clustered_wilson": Entry(lambda h: clustered_wilson(*h.per_person), NOBODY, **RATE),
    "proportions.clustered_wilson_from_sums": Entry(lambda h: clustered_wilson_from_sums(h.sums), NOBODY, **RATE),
    "proportions.effective_hips": Entry(
        lambda h: effective_hips(h.sums), NOBODY, lambda n: (float(n), nan, nan, nan), same, same
    ),
    "rate_by_clinic.clinic_intervals": Entry(
        lambda h: [float(end[0]) for end in clinic_intervals(ahead(h), [h.pairs_of_clinics[2]])],
        NOBODY + ONE_CLINIC + CLINICS_ALIKE,
    ),
    "rate_by_clinic.clinic_means": Entry(
        lambda h: [float(part[0]) for part in clinic_means(*h.per_clinic)], NOBODY + ONE_CLINIC
    ),
    "rate_by_clinic.clinic_wilson": Entry(
        lambda h: [end[0] for end in clinic_wilson(h.sums, *h.per_clinic)], NOBODY, **RATE
    ),
    "rate_intervals.clopper_pearson": Entry(lambda h: clopper_pearson(h.sums), NOBODY, **RATE),
    "rate_intervals.jeffreys": Entry(lambda h: jeffreys(h.sums), NOBODY, **RATE),
    "rate_intervals.rao_scott": Entry(lambda h: rao_scott(h.sums), NOBODY, **RATE),
    "regression_to_mean.expected_change": Entry(
        lambda h: expected_change(h.before, gain_statistics(h)["mean"], 0.8), ("one hip",)
    ),
    "regression_to_mean.mean_size": Entry(lambda h: mean_size(h.before, 3.0)),
    "regression_to_mean.pull_to_mean": Entry(
        lambda h: pull_to_mean(h.before, 3, 0.5, **gain_statistics(h)), ("one hip",)
    ),
    "regression_to_mean.reliability_of": Entry(lambda h: reliability_of(gain_statistics(h)["variance"], 3), FEW),
    "reliability.reliability": Entry(lambda h: reliability(np.column_stack([h.before, h.after]))),
    "reliability.icc_agreement": Entry(correlation(icc_agreement)),
    "reliability.icc_consistency": Entry(correlation(icc_consistency)),
    "repeated_means.repeated_means": Entry(
        gain_of_all,
        key=lambda r: (r.combinations[0].value, *r.combinations[0].interval, nan) if r.combinations else (nan,) * 4,
        sides=same,
        outcomes=turned,
    ),
    "run_rules.chart_signals": Entry(flags),
    "run_rules.shift_length": Entry(lambda h: float(shift_length(len(h.left)))),
    "run_rules.periods_until_seen": Entry(lambda h: float(periods_until_seen(len(h.left), 0.5) or 24)),
    "run_rules.false_alarms": Entry(lambda h: float(false_alarms(len(h.left)))),
    "strata.strata_with_both": Entry(lambda h: strata_with_both(h.clinic, h.left, h.person)),
    "shrinkage.shrunk_rates": Entry(lambda h: shrunk_rates(*h.per_clinic)),
}
IN_A_MIRROR = [name for name, entry in EVERY.items() if entry.key]


def numbers(answer):
    """Return every number of an answer, however it is nested."""
    if isinstance(answer, str | bytes):
        return []
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    if isinstance(answer, tuple | list):
        return [number for part in answer for number in numbers(part)]
    array = np.asarray(answer)
    return [] if array.dtype.kind in "OUS" else array.astype(float).ravel().tolist()


def words(answer):
    """Return every reason and note of an answer."""
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    if isinstance(answer, tuple | list):
        given = [word for part in answer if isinstance(part, tuple | list) for word in words(part)]
        return given + [word for field in ("reason", "notes") if (word := getattr(answer, field, ""))]
    return []


def test_every_public_function_has_an_entry():
    assert set(EVERY) == public_functions()


@pytest.mark.parametrize("name", EVERY)
def test_numbers_or_a_reason(name):
    for cohort, hips in COHORTS.items():
        answer = EVERY[name].ask(hips)
        found, said = numbers(answer), words(answer)
        assert not np.isinf(found).any(), cohort
        if cohort in EVERY[name].missing:
            assert np.isnan(found).any(), f"{cohort} has an answer: the entry is out of date"
        else:
            assert said or not np.isnan(found).any(), f"{cohort}: {answer} says nothing of its NaN"


outcomes = st.sampled_from([0, 1])
cohorts = st.builds(
    people,
    *[st.tuples(outcomes, outcomes)] * 3,
    left=st.lists(outcomes, max_size=8),
    right=st.lists(outcomes, max_size=8),
    clinics=st.sampled_from([1, 2, 10, 14]),
    seed=st.integers(0, 1000),
).flatmap(lambda hips: st.lists(st.tuples(outcomes, outcomes), max_size=30).map(lambda more: joined(hips, more)))


def joined(hips, more):
    """Return a cohort and further pairs."""
    if not more:
        return hips
    others = people(*more, clinics=14, seed=len(more))
    others = others._replace(person=others.person + 1000)
    return Hips(*(np.concatenate(columns) for columns in zip(hips, others, strict=True)))


@pytest.mark.parametrize("name", IN_A_MIRROR)
@settings(max_examples=10)
@given(hips=cohorts)
def test_what_a_mirror_shows(name, hips):
    ask, key = EVERY[name].ask, EVERY[name].key
    seen = key(ask(hips))
    swapped = hips._replace(left=1 - hips.left)
    failing = hips._replace(responded=1 - hips.responded, before=-hips.before, after=-hips.after)
    mirrors = [(swapped, EVERY[name].sides), (failing, EVERY[name].outcomes)]
    if name == "ancova.ancova":
        mirrors[1] = (failing, turned)  # degrees turned over
    for other, expected in mirrors:
        assert key(ask(other)) == pytest.approx(expected(seen), abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", IN_A_MIRROR)
@settings(max_examples=10)
@given(hips=cohorts, seed=st.integers(0, 1000))
def test_the_order_of_hips_and_the_names_of_people_and_clinics_do_not_matter(name, hips, seed):
    rng = np.random.default_rng(seed)
    renamed = [np.array([f"{new}" for new in rng.permutation(3000)])[column] for column in (hips.person, hips.clinic)]
    other = hips._replace(person=renamed[0], clinic=renamed[1]).take(rng.permutation(len(hips.left)))
    ask, key = EVERY[name].ask, EVERY[name].key
    assert key(ask(other)) == pytest.approx(key(ask(hips)), abs=1e-6, nan_ok=True)


@given(st.floats(1, 10), st.sampled_from([0.5, 1.0, 5.0]), st.floats(0.1, 20))
def test_chance_does_not_know_the_unit(sem, step, unit):
    before = np.arange(0, 40, step)
    usual = gain_by_chance(before, 5, sem, step, mean=20, variance=60)
    assert gain_by_chance(before * unit, 5 * unit, sem * unit, step * unit, 20 * unit, 60 * unit**2) == pytest.approx(
        usual
    )


BILLION = 10**9


@pytest.mark.parametrize("kind", ["int32", "int64", "float64"])
def test_billions_do_not_overflow(kind):
    quarter, all_hips = np.array([BILLION // 2, 2 * BILLION], dtype=kind)
    assert wilson(quarter, all_hips) == pytest.approx((0.25, 0.25), abs=1e-4)
    table = PairedTable(quarter, quarter, quarter, all_hips)
    assert table.n == 3.5 * BILLION
    for interval in (newcombe10(table), tango(table), newcombe10_of_counts(*vars(table).values())):
        assert [float(limit) for limit in interval] == pytest.approx((0, 0), abs=1e-4)
    assert mcnemar_exact(table) == 1
    assert mcnemar_midp(table) == pytest.approx(1, abs=1e-4)
    # A billion people, one hip of each, of whom a quarter responded.
    sums = ClusterSums(*np.array([BILLION, BILLION, *[quarter // 2] * 4], dtype=kind)[[0, 1, 2, 1, 3, 4]])
    for choice in RATE_INTERVALS.values():
        assert [float(limit) for limit in choice.limits(sums, 0.95)] == pytest.approx((0.25, 0.25), abs=1e-4)
    clinics = np.array([quarter] * 3, dtype=kind), np.array([all_hips, all_hips, quarter], dtype=kind)
    assert overdispersion(*clinics).target == pytest.approx(1 / 3)
    assert shrunk_rates(*clinics).rates == pytest.approx([0.25, 0.25, 1], abs=1e-3)
    assert p_chart(*clinics).centre == pytest.approx([1 / 3] * 3)
    assert durkalski(clinics[0], clinics[0] * 0, clinics[1]).difference == pytest.approx(0.5)


@pytest.mark.parametrize("discordant", [600, 5_000, 10**7])
def test_a_p_value_too_small_for_a_number_is_0(discordant):
    table = PairedTable(10, discordant, 0, 10)
    assert 0 <= mcnemar_midp(table) <= mcnemar_exact(table) < 1e-100


def test_a_difference_beyond_doubt_has_a_p_value_and_limits():
    hips = people(*[(1, 0)] * 3_000, *[(1, 1), (0, 0)] * 500)
    result = gee_difference(hips.responded, hips.left, hips.person)
    assert 0 <= result.p_value < 1e-100
    assert 0.7 < result.difference_interval.low < 0.75 < result.difference_interval.high < 0.8
