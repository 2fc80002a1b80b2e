"""The capsule protocol in SQL, written apart from the package: the same whole numbers, or one of the two is wrong.

`python benchmarks/duck.py [COHORTS]` holds classes, outcomes, counts of rates and pairs of random cohorts with every
kind of missing value against the package's; it needs `pip install duckdb`, which nothing else does. Types are
declared, as DuckDB else guesses them from a sample. A null is "not known" and takes part in AND and OR as it should.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

# Angles in whole tenths, as a gain of exactly 5.0 is a gain of 5.
VISITS = """
create or replace view v as select patient_id::varchar p, side::varchar sd, episode::varchar ep, timepoint::varchar tp,
  clinic_id::varchar clinic, position::varchar pos, motion::varchar motion, device::varchar device,
  round(hip_ir_deg*10)::int ir, round(hip_er_deg*10)::int er, round(slr_deg*10)::int slr, ober::varchar ober,
  ober_grade::int grade, round(ober_deg*10)::int odeg, swayback::boolean sway, feels_stretch::boolean feels,
  coalesce(pelvic_tilt::varchar, case when round(pelvic_tilt_deg*10) > 20 then 'anterior'
    when round(pelvic_tilt_deg*10) < -20 then 'posterior' when pelvic_tilt_deg is not null then 'neutral' end) tilt
from '{file}'"""

CLASSES = """
create or replace table c as with every as (select distinct p, sd, ep from v),
b as (select every.*, v.* exclude (p, sd, ep) from every
  left join (select * from v where tp = 'baseline') v using (p, sd, ep)),
k as (select p, sd, ep, feels, ir <= 50 as almost, er > 250 as turned, slr < 450 as slr,
  ir < 200 as rs, ir < 300 as rl, ir < 150 as ms, ir < 200 as ml,
  case tilt when 'neutral' then null else tilt = 'anterior' end as ant,
  (case tilt when 'neutral' then null else tilt = 'posterior' end) or sway as back from b),
t as (select p, sd, ep, rs, rl, rs and ant and turned s1, rl and ant and turned l1, rs and back and ms and slr s2,
  rl and back and ml and slr l2, rs and almost and not feels s3, rl and (almost or not feels) l3 from k),
r as (select p, sd, ep, s3, l3,
  case when s1 then 'T1' when s1 is null then null when s2 then 'T2' when s2 is null or rs is null then null
    when rs then 'unclassified' else 'not_restricted' end as s,
  case when l1 then 'T1' when l1 is null then null when l2 then 'T2' when l2 is null or rl is null then null
    when rl then 'unclassified' else 'not_restricted' end as l from t)
select p, sd, ep, case when s3 or l3 then 'T3' when s in ('T1', 'T2') then s when l in ('T1', 'T2') then l
  when s is null or l is null then 'indeterminate' else l end as class from r"""

OUTCOMES = """
create or replace table o as with a as (select * from v where tp = 'baseline'),
z as (select * from v where tp = 'post'),
w as (select coalesce(a.p, z.p) p, coalesce(a.sd, z.sd) sd, coalesce(a.ep, z.ep) ep,
  coalesce(a.clinic, z.clinic) clinic, coalesce(a.pos = z.pos, true) and coalesce(a.motion = z.motion, true)
  and coalesce(a.device = z.device, true) as same,
  z.ir - a.ir >= 50 ir, z.slr - a.slr >= 100 slr,
  case when a.ober is not null and z.ober is not null then case when a.ober = 'positive' then z.ober = 'negative' end
    when a.grade is not null and z.grade is not null then case when a.grade > 0 then a.grade - z.grade >= 1 end
    else z.odeg - a.odeg > 10 * 1.959963984540054 * sqrt(2) * 2.3 end as ober
  from a full join z on a.p = z.p and a.sd = z.sd and a.ep = z.ep)
select p, sd, ep, clinic, case when same and ir is not null and slr is not null and ober is not null
  then (ir and slr and ober)::int end as answer from w"""

RATES = """
select class, sd, {clinic} count(*) hips, count(distinct p) people, count(answer) evaluable, coalesce(sum(answer), 0)
  responders from o join c using (p, sd, ep) group by all order by all"""

PAIRS = """
with first as (select p, min(ep::int) ep from o group by p),
f as (select o.p, o.sd, answer from o join first on o.p = first.p and o.ep::int = first.ep where answer is not null)
select coalesce(sum((l.answer = 1 and r.answer = 1)::int), 0), coalesce(sum((l.answer = 1 and r.answer = 0)::int), 0),
  coalesce(sum((l.answer = 0 and r.answer = 1)::int), 0), coalesce(sum((l.answer = 0 and r.answer = 0)::int), 0)
from (select * from f where sd = 'left') l join (select * from f where sd = 'right') r using (p)"""


def prepared(file: Path, threads: int = 1):
    """A connection with the classes and the outcomes of all hips."""
    import duckdb

    connection = duckdb.connect()
    connection.sql(f"set threads = {threads}")
    for statement in (VISITS.format(file=file), CLASSES, OUTCOMES):
        connection.sql(statement)
    return connection


def rates_by_sql(file: Path, clinic: bool = False) -> list[tuple]:
    return prepared(file).sql(RATES.format(clinic="clinic," if clinic else "")).fetchall()


def cohort(seed: int) -> pd.DataFrame:
    """Visits of some people, with two episodes of some, in no order, and with every kind of missing value."""
    rng = np.random.default_rng(seed)
    lost, people = rng.choice([0.02, 0.1, 0.3]), int(rng.choice([5, 40, 120]))
    points, sides, episodes = ("intake", "baseline", "post", "followup"), ("left", "right"), ("1", "2", "10")
    names = ["patient_id", "side", "episode", "timepoint"]
    grid = pd.MultiIndex.from_product([[f"P{n:03}" for n in range(people)], sides, episodes[: seed % 3 + 1], points])
    table = grid.set_names(names).to_frame(index=False)
    n = len(table)
    spread = {
        "hip_ir_deg": (21, 8),
        "hip_er_deg": (35, 9),
        "slr_deg": (52, 13),
        "ober_deg": (15, 6),
        "pelvic_tilt_deg": (4, 5),
    }
    for name, (mean, sd) in spread.items():
        step = rng.choice([0.1, 1, 5], size=n)
        table[name] = np.round(np.round(rng.normal(mean, sd, n) / step) * step, 1)
    table.loc[table["timepoint"] == "post", ["hip_ir_deg", "slr_deg"]] += [5, 10]
    for name, words in {
        "clinic_id": ("A", "B", "C"), "position": ("prone", "prone", "prone", "seated"),
        "device": ("phone",) * 9 + ("goniometer",),
        "ober": ("positive", "positive", "negative"), "pelvic_tilt": ("anterior", "neutral", "posterior"),
        "swayback": (True, False, False), "feels_stretch": (True, True, False), "ober_grade": (0, 1, 2, 3),
    }.items():  # fmt: skip
        table[name] = pd.Series(rng.choice(np.array(words, dtype=object), n), dtype="object")
    for name in table.columns[4:]:
        table.loc[rng.random(n) < (0.5 if name in ("ober", "pelvic_tilt") else lost), name] = None
    return table[rng.random(n) > lost].sample(frac=1, random_state=seed)


def compare(seed: int, folder: Path) -> None:
    """Hold one cohort against the package."""
    from analysis import change, classify, compare_sides, rates, respond
    from analysis.protocol import builtin
    from analysis.schema import conform

    visits = conform(cohort(seed), "assessments", builtin())
    visits.to_parquet(folder / "visits.parquet")
    sql = prepared(folder / "visits.parquet")
    hip = ["patient_id", "side", "episode"]
    ours = classify(visits)[[*hip, "stretch_type"]].astype("object")
    assert sql.sql("select p, sd, ep, class from c order by p, sd, ep").fetchall() == [*map(tuple, ours.to_numpy())], (
        seed
    )
    responses = respond(change(visits))
    chosen = responses[(responses["response"] == "all") & (responses["comparison"] == "immediate")]
    answer = chosen["outcome"].astype("object").map({"responder": 1, "non_responder": 0})
    ours = [
        (*key, None if pd.isna(value) else int(value))
        for key, value in zip(chosen[hip].itertuples(index=False), answer, strict=True)
    ]
    assert sql.sql("select p, sd, ep, answer from o order by p, sd, ep").fetchall() == ours, seed
    counts = ["n_hips", "n_patients", "n_evaluable", "n_responders"]
    table = rates(responses, ["stretch_type", "side"])
    ours = table.loc[table["n_hips"] > 0, ["stretch_type", "side", *counts]].astype("object")
    assert sql.sql(RATES.format(clinic="")).fetchall() == sorted(map(tuple, ours.to_numpy())), seed
    pairs = compare_sides(responses)[["both", "left_only", "right_only", "neither"]].iloc[0]
    assert sql.sql(PAIRS).fetchall()[0] == tuple(pairs), seed


if __name__ == "__main__":
    cohorts = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with TemporaryDirectory() as temporary:
        for number in range(cohorts):
            compare(number, Path(temporary))
    print(f"DuckDB's SQL and the package: equal classes, outcomes, rates and pairs in {cohorts} random cohorts")
