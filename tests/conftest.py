"""Shared by all tests: where the project is, and a seedless, patient hypothesis."""

from pathlib import Path

import pytest
from hypothesis import settings

# Several tests run at once on few cores: a slow example is no failure.
settings.register_profile("zipingbiao", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("zipingbiao")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parents[1]
