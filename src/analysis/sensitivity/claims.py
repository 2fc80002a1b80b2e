"""The source's claims as predictions: held, contradicted, or too few to say.

All claims together may be called "held" by chance in at most 5 of 100 cohorts in which none is true, and
likewise "contradicted". So each of k claims is judged at 0.05/k one-sided, by one interval for both verdicts; a
claim that makes several comparisons must win each of them, at an interval widened for their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pandas as pd
from scipy.special import stdtr

from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.protocol.model import Claim
from analysis.sensitivity import claim_estimates
from analysis.sensitivity.claim_estimates import Estimate
from analysis.stats.intervals import t_quantile

ERROR_RATE = 0.05  # one-sided, over all claims of a protocol together
POWER = 0.80
HELD, CONTRADICTED, TOO_FEW = ("held", "contradicted", "too few")

ESTIMATES: Mapping[str, Callable[[Tables, Claim, Protocol], list[Estimate]]] = {
    "worse_side": claim_estimates.worse_side,
    "most_common": claim_estimates.most_common,
    "move_together": claim_estimates.move_together,
    "matched": claim_estimates.matched,
    "drill": claim_estimates.drill,
}


def judge_claims(tables: Tables, protocol: Protocol, only: str | None = None) -> pd.DataFrame:
    """Put the claims of a protocol to the test.

    Parameters
    ----------
    tables
        As :func:`analysis.analyse` returns them.
    protocol
        Its ``claims`` say what is compared.
    only
        One claim by its id; the error rate is still shared with the others.

    Returns
    -------
    pandas.DataFrame
        One row per claim, for the comparison that speaks least for it (a claim is contradicted by any comparison
        that is, whether or not the others can be made):

        - ``claim``, ``verdict`` (held, contradicted, too few), ``compared``, ``unit``
        - ``estimate``, ``ci_low``, ``ci_high``: positive speaks for the claim; the interval at ``confidence``
        - ``smallest_shown``: the smallest true difference of which this cohort had an 80 % chance to be called
          held; on the scale of the estimate
        - ``p``: two-sided, of this comparison alone
        - ``n_patients``, ``n_first``, ``n_second``: people in it, and behind either thing compared
        - ``reason``: why there is no estimate, else empty

    Notes
    -----
    Matched against mismatched, and with against without a drill, are observational comparisons.

    References
    ----------
    Berger RL (1982). Technometrics 24:295-300 (a claim of several parts wins each of them).
    """
    level = ERROR_RATE / max(len(protocol.claims), 1)
    names = [only] if only else list(protocol.claims)
    rows = [{"claim": name, **_judge(protocol.claims[name], tables, protocol, level)} for name in names]
    columns = ["claim", "verdict", "compared", "unit", "estimate", "ci_low", "ci_high", "smallest_shown", "p",
               "confidence", "n_patients", "n_first", "n_second", "reason"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _judge(claim: Claim, tables: Tables, protocol: Protocol, level: float) -> dict[str, object]:
    estimates = ESTIMATES[claim.kind](tables, claim, protocol)
    confidence = 1 - 2 * level / len(estimates)
    least = _least_for(estimates, confidence)
    low, high = _limits(least, confidence)
    verdict = HELD if low > 0 else CONTRADICTED if high < 0 else TOO_FEW
    shown = _shown_scale(least)
    return {
        "verdict": verdict,
        "compared": least.compared,
        "unit": least.unit,
        "estimate": shown(least.value),
        "ci_low": shown(low),
        "ci_high": shown(high),
        "smallest_shown": shown(_smallest_shown(least, confidence)),
        "p": _p_value(least),
        "confidence": confidence,
        "n_patients": least.n_patients,
        "n_first": least.n_first,
        "n_second": least.n_second,
        "reason": least.reason,
    }


def _least_for(estimates: list[Estimate], confidence: float) -> Estimate:
    """Return a comparison that contradicts the claim; else one that cannot be made; else the nearest to being lost."""

    def standing(estimate: Estimate) -> tuple[bool, float]:
        low, high = _limits(estimate, confidence)
        return not high < 0, high if high < 0 else -math.inf if math.isnan(low) else low

    return min(estimates, key=standing)


def _limits(estimate: Estimate, confidence: float) -> tuple[float, float]:
    half = float(t_quantile(confidence, estimate.degrees_of_freedom)) * estimate.standard_error
    return estimate.value - half, estimate.value + half


def _smallest_shown(estimate: Estimate, confidence: float) -> float:
    df = estimate.degrees_of_freedom
    return float(t_quantile(confidence, df) + t_quantile(2 * POWER - 1, df)) * estimate.standard_error


def _p_value(estimate: Estimate) -> float:
    t = abs(estimate.value) / estimate.standard_error
    return float(2 * stdtr(estimate.degrees_of_freedom, -t))


def _shown_scale(estimate: Estimate) -> Callable[[float], float]:
    return math.tanh if estimate.unit == "correlation" else float
