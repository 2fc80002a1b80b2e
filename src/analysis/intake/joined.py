"""Identifiers that are unique only together with another column, such as numbers that begin anew at each site."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def joined(parts: Sequence[pd.Series]) -> pd.Series:
    """Join the columns of an identifier, row by row, so that no two combinations read alike.

    Parameters
    ----------
    parts
        Categories of text, one column each.

    Returns
    -------
    pandas.Series
        Categories of text; missing where a part is. A part with a blank in it stands in quotation marks.

    Examples
    --------
    >>> def words(*texts): return pd.Series(texts, dtype="category")
    >>> joined([words("North", "A 1", "A"), words("1", "2", "1 2")]).tolist()
    ['North 1', '"A 1" 2', 'A "1 2"']
    """
    known = np.all([part.notna() for part in parts], axis=0)
    number = np.zeros(int(known.sum()), dtype="int64")
    for part in parts:
        number = number * len(part.cat.categories) + part.cat.codes.to_numpy()[known]
    _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
    words = np.full(len(first), "", dtype="object")
    for part in parts:
        marked = np.array([_marked(word) for word in part.cat.categories], dtype="object")
        words = words + " " + marked[part.cat.codes.to_numpy()[known][first]]
    codes = np.full(len(known), -1)
    codes[known] = inverse
    categories = pd.Index([word[1:] for word in words], dtype="str")
    return pd.Series(pd.Categorical.from_codes(codes, categories=categories), index=parts[0].index)


def _marked(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if " " in word or '"' in word else word
