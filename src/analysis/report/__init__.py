"""What a report notebook works with: one study, one scope, and nothing that may not be shown."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.report.opened import Report, open_report

__all__ = ["Report", "open_report"]


def __getattr__(name: str) -> Any:
    # Loaded when it is first asked for: a run asks what a study declares, and its ledger, without what reads studies.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.opened"), name)
    return found
