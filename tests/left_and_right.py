"""People measured on both sides, few enough to be counted on the page."""

import pandas as pd

from analysis.protocol import builtin


def visits(*rows, timepoint="baseline"):
    """Assessments: (patient, left degrees, right degrees)."""
    return pd.DataFrame(
        [
            {"patient_id": patient, "side": side, "timepoint": timepoint, "hip_ir_deg": degrees, "device": "phone"}
            for patient, left, right in rows
            for side, degrees in (("left", left), ("right", right))
        ]
    )


# Left minus right: −9, −8, +9, 0. The band is the MDC95 of a difference, 1.96·√2·3 = 8.315.
FOUR = visits(("a", 10, 19), ("b", 10, 18), ("c", 20, 11), ("d", 12, 12))


def right_worse():
    """The built-in rules, had the right been expected to be worse."""
    rules = builtin()
    return rules.model_copy(update={"asymmetry": rules.asymmetry.model_copy(update={"worse": "right"})})
