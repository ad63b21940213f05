"""LibreOffice, where it is installed: the second program that must read what ikmplan writes."""

from __future__ import annotations

import atexit
import os
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


def convert(file: Path, to: str, folder: Path) -> Path:
    """`file` opened and saved by LibreOffice as `to` ("xlsx", "pdf") in `folder`; behind a colon
    may stand a filter and its options.

    Skips where LibreOffice is missing, unless IKMPLAN_NEED_SOFFICE is set.
    """
    if SOFFICE is None:
        if os.environ.get("IKMPLAN_NEED_SOFFICE") == "1":
            pytest.fail("IKMPLAN_NEED_SOFFICE is set, but soffice is not installed")
        pytest.skip("soffice is not installed (Debian: apt-get install libreoffice-calc)")
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
