"""Settings and places that all tests share; small tables of hips are made with ``builders``."""

from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: on a busy machine a slow example is no fault of the code.
settings.register_profile("capsule", deadline=None, max_examples=25)
settings.load_profile("capsule")


@pytest.fixture(scope="session")
def repository():
    """The folder that holds everything."""
    return Path(__file__).parents[1]
