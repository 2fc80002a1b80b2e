"""How much a report may take before it counts as failed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one report.

    Attributes
    ----------
    start_seconds, cell_seconds, wall_seconds : float
        How long the shell may take to start, a cell to finish, and the whole report to be built.
    output_megabytes : int
        How much the notebook may put out.
    memory_megabytes : int
        How much memory the notebook may use beyond what is loaded anyway.
    """

    start_seconds: float = 60
    cell_seconds: float = 600
    wall_seconds: float = 3600
    output_megabytes: int = 64
    memory_megabytes: int = 4096


USUAL = Limits()
