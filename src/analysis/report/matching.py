"""Matched against mismatched hips, as they may be shown."""

from __future__ import annotations

import pandas as pd

from analysis.answers.matching import compare_matched, match_balance, matched_hips
from analysis.report.scoped import Scoped


class MatchTables(Scoped):
    """Matched and mismatched hips in a report."""

    def matched(self, response: str | None = None) -> pd.DataFrame:
        """Return matched against mismatched hips; see :func:`analysis.answers.matching.compare_matched`."""
        if not self.protocol.types:
            return pd.DataFrame()
        hips = matched_hips(self._tables.responses, self._tables.changes, self.protocol, response, self.comparison)
        return self._shown(compare_matched(hips), "matched")

    def match_balance(self, matched: pd.DataFrame) -> pd.DataFrame:
        """Return how alike the two groups of :meth:`matched` were; empty where their rates may not be shown."""
        if matched.empty or matched["suppressed"].any():
            return pd.DataFrame()
        hips = matched_hips(self._tables.responses, self._tables.changes, self.protocol, None, self.comparison)
        return self._shown(match_balance(hips), "match_balance")
