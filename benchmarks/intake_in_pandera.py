"""The checks of the intake as someone who knows pandera well would write them: for the benchmark, not for use.

Every rule that the intake has for one tidy file stands here, over whole columns, and is named as the intake names it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from analysis.protocol import builtin
from analysis.stats.measurement import minimal_detectable_change

PROTOCOL = builtin()
VISITS = list(PROTOCOL.timepoints)
ANGLES = {"IR": PROTOCOL.measures["hip_ir_deg"], "SLR": PROTOCOL.measures["slr_deg"]}
CONDITIONS = ["position", "motion", "device"]
HIP = ["ID", "Hip"]
DAY, MONTH, YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
PERSONAL = {
    "name": r"^[^\W\d_]{2,}(?:,\s*|\s+)(?:[^\W\d_]{2,}[\s'’-]*)+$",
    "e-mail": r"[^\s@]@[^\s@]+\.[^\s@]{2,}",
    "date of birth": rf"(?<!\d)(?:{DAY}[./-]{MONTH}[./-]{YEAR}|{YEAR}[./-]{MONTH}[./-]{DAY}"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)",
}


def prepared(table: pd.DataFrame) -> pd.DataFrame:
    """Add what the text of a table means, sorted by visit; a cell that cannot be read is missing."""
    numbers, hip = {}, table["Hip"].isin(["left", "right"])
    for name, measure in ANGLES.items():
        read = pd.to_numeric(table[name], errors="coerce")
        numbers |= {f"{name} read": read, f"{name} value": read.where(hip & read.between(*measure.possible)).round(1)}
    table = table.assign(
        **numbers,
        day=pd.to_datetime(table["Day"], format="%Y-%m-%d", errors="coerce"),
        Visit=pd.Categorical(table["Visit"], VISITS, ordered=True),
    )
    return table.sort_values([*HIP, "Visit"], kind="stable")


def _number(name: str) -> pa.Column:
    measure = ANGLES[name]

    def no_radians(value: pd.Series) -> pd.Series:
        return ~((value.abs() < np.pi / 2) & ((value - value.round(1)).abs() > 1e-9))

    def usual(value: pd.Series) -> pd.Series:
        return value.between(*measure.usual) | ~value.between(*measure.possible)

    checks = [
        pa.Check(lambda value: value.between(*measure.possible), name="impossible_value"),
        pa.Check(usual, name="unusual_value"),
        pa.Check(no_radians, name="looks_like_radians"),
    ]
    return pa.Column(float, checks, nullable=True)


def _one_of(*words: str) -> Callable[[pd.Series], pd.Series]:
    return lambda cells: cells.isin(words)


def _is_number(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda table: table[f"{name} read"].notna() | (table[name] == "")


def _impersonal(shape: str) -> Callable[[pd.Series], pd.Series]:
    def check(cells: pd.Series) -> pd.Series:
        distinct = cells.drop_duplicates()
        first = distinct[distinct.str.contains(shape)]
        return pd.Series(~cells.index.isin(first.index), index=cells.index)

    return check


def _no_future(table: pd.DataFrame) -> pd.Series:
    return ~(table["day"] > pd.Timestamp.now().normalize())


def _not_long_ago(table: pd.DataFrame) -> pd.Series:
    return ~(table["day"] < pd.Timestamp.now().normalize() - pd.DateOffset(years=60))


def _in_order(table: pd.DataFrame) -> pd.Series:
    dated = table[table["day"].notna()]
    return ~(dated["day"] < dated.groupby(HIP)["day"].shift()).reindex(table.index, fill_value=False)


def _once(table: pd.DataFrame) -> pd.Series:
    return ~(table.duplicated([*HIP, "Visit"]) & table["Hip"].isin(["left", "right"]))


def _one_clinic(table: pd.DataFrame) -> pd.Series:
    return table.groupby("ID")["Clinic"].transform("nunique") <= 1


def _plausible(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    low, high = ANGLES[name].usual

    def check(table: pd.DataFrame) -> pd.Series:
        far, value = (high - low) / 2, f"{name} value"
        ordered = table.sort_values(["ID", value])
        people = ordered.groupby("ID")[value]
        below, above = people.diff().fillna(np.inf), people.diff(-1).abs().fillna(np.inf)
        alone = (below > far) & (above > far) & (people.transform("count") > 2) & ordered[value].notna()
        return ~alone.reindex(table.index)

    return check


def _usual_in_position(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    measure = ANGLES[name]

    def check(table: pd.DataFrame) -> pd.Series:
        right = pd.Series(True, index=table.index)
        for position, limits in measure.usual_in.get("position", {}).items():
            value = table[f"{name} value"]
            right &= ~((table["position"] == position) & value.between(*measure.usual) & ~value.between(*limits))
        return right

    return check


def _sides_agree(table: pd.DataFrame) -> pd.Series:
    against = 0
    for name, measure in ANGLES.items():
        both = table.pivot_table(index="ID", columns=["Visit", "Hip"], values=f"{name} value", observed=False)
        difference = both.xs("left", axis=1, level="Hip") - both.xs("right", axis=1, level="Hip")
        sign = np.sign(difference.where(difference.abs() > minimal_detectable_change(measure.sem), 0).fillna(0))
        others = np.sign(sign.rsub(sign.sum(axis=1), axis=0))
        against = against - sign * others
    swapped = (against >= 2).melt(ignore_index=False, value_name="swapped").reset_index()
    found = table.reset_index().merge(swapped, on=["ID", "Visit"], how="left").set_index("index")["swapped"]
    return ~(found.reindex(table.index).fillna(False).astype(bool) & (table["Hip"] == "left"))


def _not_copied(table: pd.DataFrame) -> pd.Series:
    values = [f"{name} value" for name in ANGLES]
    step = table["Visit"].cat.codes
    same_run = step - step.groupby([table["ID"], table["Hip"]]).shift() == 1
    before = table.groupby(HIP)[values].shift()
    known = table[values].notna() & before.notna()
    repeats = ((table[values] == before) | ~known).all(axis=1) & same_run
    both = table.assign(repeats=repeats, known=known.sum(axis=1)).groupby(["ID", "Visit"], observed=True)
    enough = (both["known"].transform("sum") >= 4) & (both["Hip"].transform("size") == 2)
    return ~(both["repeats"].transform("all") & enough & (table["Hip"] == "left"))


def _same_method(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    def check(table: pd.DataFrame) -> pd.Series:
        wide = table.pivot_table(index=HIP, columns="Visit", values=name, aggfunc="first", observed=False)
        changed = set()
        for comparison in PROTOCOL.comparisons.values():
            first, later = wide[comparison.start], wide[comparison.end]
            differ = first.notna() & later.notna() & (first != later)
            changed |= {(*hip, comparison.end) for hip in wide.index[differ]}
        if not changed:
            return pd.Series(True, index=table.index)
        return ~pd.Series(pd.MultiIndex.from_frame(table[[*HIP, "Visit"]]).isin(list(changed)), index=table.index)

    return check


def _digits(name: str) -> Callable[[pd.DataFrame], bool]:
    def check(table: pd.DataFrame) -> bool:
        value = table[f"{name} value"].dropna()
        return len(value) < 50 or (value % 5 == 0).mean() <= 0.6

    return check


SCHEMA = pa.DataFrameSchema(
    {
        "ID": pa.Column(
            str,
            [pa.Check(lambda cells: cells != "", name="key_missing")]
            + [pa.Check(_impersonal(shape), name="personal_identifier") for shape in PERSONAL.values()],
        ),
        "Clinic": pa.Column(str),
        "Hip": pa.Column(
            str, [pa.Check(_one_of("left", "right"), name=name) for name in ("unknown_word", "key_missing")]
        ),
        "IR read": _number("IR"),
        "SLR read": _number("SLR"),
        "Ober": pa.Column(str, pa.Check(_one_of("negative", "positive"), name="unknown_word")),
    },
    checks=[
        *[pa.Check(_is_number(name), name="not_a_number") for name in ANGLES],
        pa.Check(lambda table: table["day"].notna() | (table["Day"] == ""), name="not_a_date"),
        pa.Check(lambda table: table["Visit"].notna(), name="unknown_word"),
        pa.Check(_once, name="visit_twice"),
        pa.Check(_no_future, name="future_date"),
        pa.Check(_not_long_ago, name="date_long_ago"),
        pa.Check(_in_order, name="visit_order"),
        pa.Check(_one_clinic, name="person_disagrees"),
        *[pa.Check(lambda table, name=name: table[name].notna(), name="condition_not_recorded") for name in CONDITIONS],
        *[pa.Check(_same_method(name), name="method_changed") for name in CONDITIONS],
        *[pa.Check(_plausible(name), name="implausible_reading") for name in ANGLES],
        *[pa.Check(_usual_in_position(name), name="unusual_in_condition") for name in ANGLES],
        *[pa.Check(_digits(name), name="digit_preference") for name in ANGLES],
        pa.Check(_sides_agree, name="sides_swapped"),
        pa.Check(_not_copied, name="visit_copied"),
    ],
)  # fmt: skip


def findings(table: pd.DataFrame) -> set[tuple[str, int]]:
    """Return rule and line of the file for every fault."""
    try:
        SCHEMA.validate(prepared(table), lazy=True)
    except SchemaErrors as faults:
        cases = faults.failure_cases.dropna(subset="index")
        return {(rule, int(row) + 2) for rule, row in zip(cases["check"], cases["index"], strict=True)}
    return set()
