"""The answer in five sentences: what would change it and what would not; true for every input they can get."""

from __future__ import annotations

from analysis.disclosure import WHY_WITHHELD
from analysis.protocol import Protocol
from analysis.sensitivity.claims import CONTRADICTED, HELD, TOO_FEW
from analysis.sensitivity.conclusions import NOT_KNOWN
from analysis.sensitivity.study import Sensitivity
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.words import a_scale, about, amount, count, known, listed, percent, scale, sentence_start
from analysis.stats.beyond_chance import DEPENDS

CLAUSES = {
    ("against_chance", "above"): "responders are more than chance alone would give",
    ("against_chance", "below"): "responders are fewer than chance alone would give",
    ("against_chance", "not clear of it"): "responders are not clearly more than chance alone would give",
    (
        "against_chance",
        DEPENDS,
    ): "whether responders are more than chance would give depends on the measurement error",
    ("sides", "left more often"): "left hips responded more often",
    ("sides", "right more often"): "right hips responded more often",
    ("sides", "no difference shown"): "no difference between left and right is shown",
    ("most_common", "a tie"): "no type is the most common",
}
_WITHHELD = f"This answer is withheld, because {WHY_WITHHELD}."


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
    noun = found.protocol.words
    if not found.protocol.types:
        return "**Classes.** The protocol of this study defines no types, so there are no classes to check."
    row = found.certainty
    if row["suppressed"]:
        return f"**Classes.** {_WITHHELD}"
    if not known(row["expected_right"]):
        return f"**Classes.** No {noun.hip} was measured, so there are no classes to check."
    right, changed = percent(row["expected_right"]), about(row["expected_changed"])
    return (
        f"**Classes.** Given measurement error, {right} of the recorded classes are expected to be the true ones; "
        f"measuring the {scale(found.protocol)} in doubt once more would change {changed} of them."
    )


def spread_answer(found: Sensitivity) -> str:
    """Say how far the rate moves between readings and which decision moves it most."""
    if found.readings.empty:
        return "**Readings.** The protocol of this study lists no other readings of its rules, so none was tried."
    rate = found.readings["rate"].dropna()
    if rate.empty:
        return "**Readings.** No reading of the rules gives a responder rate that may be shown."
    others = "" if len(rate) == len(found.readings) else " (under the others nobody was judged, or too few to show)"
    over = f"**Readings.** Over {count(len(rate), 'reading')} of the vague rules{others} the responder rate"
    if percent(rate.min()) == percent(rate.max()):
        return f"{over} is {percent(rate.min())} throughout."
    own = f" ({percent(found.own['rate'])} in this report)" if known(found.own["rate"]) else ""
    moves = f": {listed(_moves(found)[:2])}" if _moves(found) else ""
    return f"{over} ranges from {percent(rate.min())} to {percent(rate.max())}{own}{moves}."


def _moves(found: Sensitivity) -> list[str]:
    """Say of each decision that moves the rate by how much it does, the one that moves it most first."""
    said = []
    for row in records(found.effects):
        if known(row["rate"]) and row["rate"] > 0:
            label = found.protocol.alternatives[str(row["decision"])].label
            points = count(round(100 * row["rate"]), "percentage point")
            said.append(f"the decision “{label}” alone changes it by {points}")
    return said


def flips_answer(found: Sensitivity) -> str:
    """Say which conclusions hold in every reading and which do not."""
    if found.readings.empty:
        return "**Conclusions.** No other reading was tried, so none could change a conclusion."
    rows = [row for row in records(found.flips) if row["own"] != NOT_KNOWN and row["n_readings"] > 0]
    if not rows:
        return "**Conclusions.** No conclusion can be compared with other readings."
    firm = [row for row in rows if not row["n_other"]]
    every = all(row["n_readings"] == len(found.readings) for row in firm)
    whatever = "In every reading " if every else "In every reading that gives an answer "
    said = (
        [whatever + listed([_concluded(row["question"], row["own"], found.protocol) for row in firm])] if firm else []
    )
    for row in rows:
        if row["n_other"]:
            others = " or ".join(
                _concluded(row["question"], other, found.protocol) for other in row["others"].split("; ")
            )
            same = f"{row['n_readings'] - row['n_other']:,} of {row['n_readings']:,} readings"
            said.append(
                f"{_concluded(row['question'], row['own'], found.protocol)} in {same}, and {others} in the others"
            )
    return f"**Conclusions.** {sentence_start('; '.join(said))}."


def _concluded(question: str, answer: str, protocol: Protocol) -> str:
    """Say a conclusion as a clause."""
    clause = CLAUSES.get((question, answer))
    return protocol.words.tell(clause) if clause else f"{answer} is the most common type"


def error_answer(found: Sensitivity) -> str:
    """Say how many of the hips that pass a rule truly changed so much."""
    noun = found.protocol.words
    said = []
    for row in records(found.criteria):
        if not row["suppressed"] and known(row["passed_true"]) and row["beyond_error"]:
            measure = found.protocol.measures[row["measure"]]
            said.append(
                f"{percent(row['passed_true'])} for {measure.name} ({amount(row['threshold'], measure)} or more)"
            )
    if not said:
        return "**Measurement error.** The changes cannot be told apart from error, or there are too few to say."
    share = f"Of the {noun.hips} that meet a rule, the share expected to have truly changed by that much"
    return f"**Measurement error.** {share} is {listed(said)}."


def rules_beside_error(found: Sensitivity) -> Text | Nothing:
    """Say of each rule on an angle how it stands to measurement error, and how many hips truly changed so much."""
    noun = found.protocol.words
    said = []
    for row in records(found.criteria):
        if row["suppressed"] or not row["n_changes"]:
            continue
        measure = found.protocol.measures[row["measure"]]
        asked, mdc, hips = (
            amount(row["threshold"], measure),
            amount(row["mdc95"], measure),
            noun.count(row["n_changes"]),
        )
        beside = "less than" if row["threshold"] < row["mdc95"] else "no less than"
        true = "the number that truly changed by that much cannot be separated from error"
        if known(row["expected_true"]) and row["beyond_error"]:
            expected = f"{row['expected_true']:,.0f}"
            are = "is" if expected == "1" else "are"
            true = f"about {expected} of all {row['n_changes']:,} {are} expected to have truly changed by that much"
        said.append(
            f"- **{measure.name}**: the rule asks for {asked}, {beside} {mdc}; two readings of an unchanged "
            f"{noun.hip} differ by more than {mdc} one time in twenty. {row['n_passed']:,} of {hips} "
            f"{'meets' if row['n_passed'] == 1 else 'meet'} the rule; {true}."
        )
    if not said:
        return Nothing(f"There is no rule on {a_scale(found.protocol)} whose changes may be shown beside their error.")
    return Text("\n".join(said))


def claims_answer(found: Sensitivity) -> str:
    """Say which claims of the source held, which were contradicted, and for which there are too few people."""
    if found.claims.empty:
        return "**Claims.** The protocol of this study states no claims to be put to the test."
    rows = [row for row in records(found.claims) if not row["suppressed"]]
    if not rows:
        return f"**Claims.** {_WITHHELD}"
    words = {HELD: "held", CONTRADICTED: "contradicted", TOO_FEW: "too few people to say"}
    said = []
    for verdict, word in words.items():
        labels = [found.protocol.claims[row["claim"]].label for row in rows if row["verdict"] == verdict]
        said += [f"{word}: {listed([f'“{escape_markdown(label)}”' for label in labels])}"] if labels else []
    said += ["the others are withheld"] if len(rows) < len(found.claims) else []
    return f"**Claims.** {sentence_start('; '.join(said))}."
