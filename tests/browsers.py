"""The browser that tests open pages in: one that is here or, by `python tests/browsers.py`, one fetched."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome", "msedge")
APPLICATIONS = [
    f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Google Chrome", "Chromium", "Microsoft Edge")
]
# The first serves containers, where tests run as root; with the others the browser asks for nothing on the network.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# What drives the browser is a program of playwright's own, which needs the second package on a bare Debian.
PACKAGES = ["chromium", "libatomic1"]
HOW = f"'.venv/bin/playwright install --with-deps chromium', or on Debian 'apt-get install {' '.join(PACKAGES)}'"
PLAYWRIGHT = [sys.executable, "-P", "-m", "playwright"]


@cache
def find() -> str | None:
    """Return the path of a browser that starts: one of the system's, else playwright's own; None without either."""
    if not _driver_starts():
        return None
    here = [*filter(None, map(shutil.which, NAMES)), *filter(os.path.exists, APPLICATIONS)]
    return next(filter(_starts, here), None) or next(filter(_starts, _playwrights()), None)


def _driver_starts() -> bool:
    return _run([*PLAYWRIGHT, "--version"])


def _playwrights() -> list[str]:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return [path] if Path(path).exists() else []


def _starts(path: str) -> bool:
    return _run([path, "--version"])


@contextmanager
def opened() -> Iterator[Browser]:
    """Start the browser, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=QUIET)
        yield browser
        browser.close()


def get() -> None:
    """Fetch a browser: playwright's where its server can be reached, else the system's package where one may."""
    _run([*PLAYWRIGHT, "install", "chromium"])
    find.cache_clear()
    administrator = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if find() or not _run([*administrator, "true"]):
        return
    if _driver_starts() and _playwrights():  # but it lacks libraries
        _run([*PLAYWRIGHT, "install-deps", "chromium"])
    elif shutil.which("apt-get"):
        _run([*administrator, "apt-get", "update", "-qq"])
        _run([*administrator, "apt-get", "install", "-qq", "--yes", "--no-install-recommends", *PACKAGES])
    find.cache_clear()


def _run(command: list[str]) -> bool:
    """Run a command without a word; whether it succeeded."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    own = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=own, timeout=900, check=False, **quiet).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    if not find():
        print("No browser is here for the tests of pages; fetching one.", flush=True)
        get()
        print(find() or f"None could be had. To have one: {HOW}.")
