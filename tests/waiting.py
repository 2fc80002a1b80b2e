"""Waits that a loaded machine does not break: what they wait for takes a second on an idle one."""

import time

GENEROUS = 300.0  # seconds


def wait_for(condition) -> None:
    """Return when the condition holds; fail when it never does."""
    deadline = time.monotonic() + GENEROUS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
