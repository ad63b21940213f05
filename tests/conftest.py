"""Tests read messages in English unless they say otherwise."""

from __future__ import annotations

import pytest

from ikmplan.text import language


@pytest.fixture(autouse=True)
def _english():
    with language("en"):
        yield
