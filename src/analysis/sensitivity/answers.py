"""The answer in five sentences: what would change it and what would not; true for every input they can get."""

from __future__ import annotations

from analysis.display import Text, escape_markdown
from analysis.sensitivity.claims import CONTRADICTED, HELD, TOO_FEW
from analysis.sensitivity.conclusions import NOT_KNOWN, QUESTIONS
from analysis.sensitivity.study import Sensitivity
from analysis.words import about, count, known, listed, percent

_WITHHELD = "Fewer than 5 patients stand behind this answer or its complement, so it is withheld."


def five_sentences(found: Sensitivity) -> Text:
    """Say how sure the classes are, what the readings change and leave, what error does, and how the claims fare.

    Parameters
    ----------
    found
        The results in scope.
    """
    answers = (classes_answer, spread_answer, flips_answer, error_answer, claims_answer)
    return Text("\n".join(f"{place}. {answer(found)}" for place, answer in enumerate(answers, start=1)))


def classes_answer(found: Sensitivity) -> str:
    """Say how many recorded classes are expected to be the true ones."""
    if not found.protocol.types:
        return "**Classes.** The protocol of this study defines no types, so there is no class to be unsure of."
    row = found.certainty
    if row["suppressed"]:
        return f"**Classes.** {_WITHHELD}"
    if not known(row["expected_right"]):
        return "**Classes.** No hip was measured, so there is no class to be unsure of."
    right, changed = percent(row["expected_right"]), about(row["expected_changed"])
    return (
        f"**Classes.** Given measurement error, {right} of the recorded classes are expected to be the true ones; "
        f"reading the angle in doubt once more would change {changed} of them."
    )


def spread_answer(found: Sensitivity) -> str:
    """Say how far the rate moves between readings and which decision moves it most."""
    if found.readings.empty:
        return "**Readings.** The protocol of this study lists no other readings of its rules, so none was tried."
    rate = found.readings["rate"].dropna()
    if rate.empty:
        return "**Readings.** Under no reading of the rules is there a responder rate that may be shown."
    over = f"**Readings.** Over {count(len(rate), 'reading')} of the vague rules the responder rate"
    if percent(rate.min()) == percent(rate.max()):
        return f"{over} is {percent(rate.min())} throughout."
    return f"{over} runs from {percent(rate.min())} to {percent(rate.max())}: {listed(_moves(found)[:2])}."


def _moves(found: Sensitivity) -> list[str]:
    """Say of each decision that moves the rate by how much it does, the one that moves it most first."""
    said = []
    for row in found.effects.to_dict("records"):
        if known(row["rate"]) and row["rate"] > 0:
            label = found.protocol.alternatives[str(row["decision"])].label
            points = count(round(100 * row["rate"]), "percentage point")
            said.append(f"the decision “{label}” alone moves it by {points}")
    return said


def flips_answer(found: Sensitivity) -> str:
    """Say which conclusions hold in every reading and which do not."""
    rows = found.flips.to_dict("records")
    firm = [f"{QUESTIONS[row['question']]} ({row['own']})" for row in rows if _told(row) and not row["n_other"]]
    loose = [
        f"{QUESTIONS[row['question']]} ({row['own']}, but {' or '.join(row['others'].split('; '))} in "
        f"{row['n_other']:,} of {row['n_readings']:,})"
        for row in rows
        if _told(row) and row["n_other"]
    ]
    if not firm and not loose:
        return "**Conclusions.** No conclusion can be held against other readings."
    said = []
    said += [f"in every reading the answer is the same for {listed(firm)}"] if firm else []
    said += [f"the reading changes the answer for {listed(loose)}"] if loose else []
    text = "; ".join(said)
    return f"**Conclusions.** {text[:1].upper()}{text[1:]}."


def _told(row: dict) -> bool:
    return row["own"] != NOT_KNOWN and row["n_readings"] > 0


def error_answer(found: Sensitivity) -> str:
    """Say how many of the hips that pass a rule truly changed so much."""
    said = []
    for row in found.criteria.to_dict("records"):
        if not row["suppressed"] and known(row["passed_true"]) and row["beyond_error"]:
            measure = found.protocol.measures[row["measure"]]
            said.append(f"{percent(row['passed_true'])} for {measure.name} ({_degrees(row['threshold'])} or more)")
    if not said:
        return "**Measurement error.** The changes cannot be told from measurement error, or there are too few to say."
    return f"**Measurement error.** Of the hips that pass, the share that truly changed so much is {listed(said)}."


def _degrees(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") + "°"


def claims_answer(found: Sensitivity) -> str:
    """Say which claims of the source held, which were contradicted, and for which there are too few people."""
    if found.claims.empty:
        return "**Claims.** The protocol of this study states no claims to be put to the test."
    rows = [row for row in found.claims.to_dict("records") if not row["suppressed"]]
    if not rows:
        return f"**Claims.** {_WITHHELD}"
    words = {HELD: "held", CONTRADICTED: "contradicted", TOO_FEW: "too few people to say"}
    said = []
    for verdict, word in words.items():
        labels = [found.protocol.claims[row["claim"]].label for row in rows if row["verdict"] == verdict]
        said += [f"{word}: {listed([f'“{escape_markdown(label)}”' for label in labels])}"] if labels else []
    said += ["the others are withheld"] if len(rows) < len(found.claims) else []
    return f"**Claims.** Of what the source claims, {'; '.join(said)}."
