"""LibreOffice, where it is installed: the second program that must read what ikmplan writes."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@cache
def _profile() -> str:
    """A profile of its own, made once: a user's may be open, and making one takes seconds."""
    folder = tempfile.mkdtemp(prefix="ikmplan-soffice-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder).as_uri()


def _cannot(reason: str) -> None:
    if os.environ.get("IKMPLAN_NEED_SOFFICE") == "1":
        pytest.fail(f"IKMPLAN_NEED_SOFFICE is set, but {reason}")
    pytest.skip(reason)


def need_arial() -> None:
    """Skips where no font has letters as wide as Arial's, of which the workbooks are made: there
    LibreOffice needs more rows and pages. Fails where IKMPLAN_NEED_SOFFICE is set."""
    match = shutil.which("fc-match")
    font = match and subprocess.run([match, "Arial"], capture_output=True, text=True, check=True)
    if font and not re.search("Arial|Arimo|Liberation Sans", font.stdout):
        _cannot("no font is as wide as Arial (Debian: apt-get install fonts-liberation)")


def convert(file: Path, to: str, folder: Path) -> Path:
    """`file` opened and saved by LibreOffice as `to` ("xlsx", "pdf") in `folder`; behind a colon
    may stand a filter and its options.

    Skips where LibreOffice is missing, unless IKMPLAN_NEED_SOFFICE is set.
    """
    if SOFFICE is None:
        _cannot("soffice is not installed (Debian: apt-get install libreoffice-calc)")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            SOFFICE, f"-env:UserInstallation={_profile()}",
            "--headless", "--convert-to", to, "--outdir", str(folder), str(file),
        ],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    made = folder / f"{file.stem}.{to.split(':')[0]}"
    assert made.exists(), done.stdout + done.stderr
    return made
