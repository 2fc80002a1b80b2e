"""What the parts of an estimate tell each other when it cannot be had."""


class NotEstimableError(Exception):
    """Carries the reason, in words for the reader; public functions return it beside NaN."""
