"""Hashes by which a page's Content-Security-Policy names its own style and script, and lets no other in."""

import base64
import hashlib


def policy_hash(text: str) -> str:
    """Hash a style or script as a Content-Security-Policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
