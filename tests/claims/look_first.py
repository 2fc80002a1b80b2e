"""Where to look first in a clinic outside its limits: each share, and that of all clinics, counted again."""

from claims.clinics import places
from claims.flow import in_and_out
from claims.rows import primary
from claims.wording import N, P, Seen, claim, same, same_percent

SHARE = rf"{N} of {N} hips? \({P}\)"
WHAT = "(measured in another way|with no room to improve|outcome missing|given the stretch that their type calls for)"


def counted(seen: Seen, what: str) -> tuple[int, int]:
    rows = primary(seen)
    if what == "outcome missing":
        return rows["lost"].sum(), (rows["lost"] | rows["judged"]).sum()
    if what.startswith("given"):
        return (rows["match"] == "matched").sum(), rows["match"].isin(["matched", "mismatched"]).sum()
    _, _, lost = in_and_out(seen)
    everyone = rows["has_start"].sum()
    if what == "with no room to improve":
        return lost.get(what, 0), everyone
    left = everyone - lost.get("with no room to improve", 0)
    pair = seen.report.protocol.comparisons[seen.report.comparison]
    return lost.get(what, 0), left - lost.get(f"without a {pair.end} visit", 0)


@claim(rf"(?:before the care itself: |; ){WHAT}: {SHARE}, in all clinics {SHARE}(?=[;.])")
def looked_at_first(seen, what, n, of, share, n_all, of_all, share_all):
    (clinic,) = primary(seen)["clinic_id"].unique()
    assert places(seen)[clinic] != "within"
    for group, (some, all_, part) in ((seen, (n, of, share)), (seen.everyone, (n_all, of_all, share_all))):
        yes, total = counted(group, what)
        same([some, all_], yes, total)
        same_percent(part, yes / total)
