"""Tests read messages in English unless they say otherwise."""

from __future__ import annotations

import os
import shutil
import signal

import pytest
from hypothesis import settings

from ikmplan.text import language

# The clock of a busy machine and the dice decide no test.
settings.register_profile("ikmplan", deadline=None, derandomize=True)
settings.load_profile("ikmplan")
# A shell starts what runs in the background without Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["IKMPLAN_LANGUAGE"] = "en"  # also of every process that a test starts


@pytest.fixture(autouse=True)
def _english():
    with language("en"):
        yield


@pytest.fixture(scope="module")
def chromium():
    """A browser that is on this machine; nothing is downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome")
    where = next(filter(None, map(shutil.which, names)), None)
    if where is None:
        message = "no chromium on this machine (Debian: apt-get install chromium)"
        assert not os.environ.get("IKMPLAN_NEED_CHROMIUM"), message
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=["--no-sandbox"])
        yield browser
        browser.close()
