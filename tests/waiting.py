"""How long tests wait: for what they name, and never for a number of seconds to pass.

HUNG ends a run that would wait for ever. It states nothing of speed (benchmarks do), so it is long
enough for two cores that others use too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

HUNG = 300.0  # seconds


def settled(state: Any) -> Any:
    """The state of a planner's page, once nothing is searched."""
    assert state.wait(HUNG)
    return state


def until(true: Callable[[], Any]) -> Any:
    """Wait until `true()` is, and return what it gave."""
    began = time.monotonic()
    while not (found := true()):
        assert time.monotonic() - began < HUNG, "waited in vain"
        time.sleep(0.02)
    return found
