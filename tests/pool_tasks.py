"""What workers are asked to do in tests of the pool; a module, so that they can import it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any


def echo(task: Any) -> Any:
    return task


def press_ctrl_c(task: Any) -> Any:
    """As a terminal sends it to every process."""
    os.kill(os.getpid(), signal.SIGINT)
    return task


def die_of(task: Any) -> Any:
    """Ends the worker for the task "poison", each time."""
    if task == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return task


def fail(task: Any) -> Any:
    raise ValueError(f"no {task}")


def die_once(task: tuple[int, str]) -> int:
    """Ends the worker the first time, as when the system needs the memory for itself."""
    number, mark = task
    if number == 3 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number
