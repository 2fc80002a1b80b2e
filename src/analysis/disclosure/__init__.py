"""What may be shown: the one door through which counts leave in a report."""

from analysis.disclosure.door import WHY_WITHHELD as WHY_WITHHELD
from analysis.disclosure.door import need_marks as need_marks
from analysis.disclosure.door import protect as protect
from analysis.disclosure.door import withhold_rows as withhold_rows
