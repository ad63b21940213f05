"""Do the ordinary widgets answer as soon as the page? JupyterLab, Chromium, Medan's case.

    python benchmarks/widgets.py [--moves 20]

The slider of the budget is moved by the keyboard in workbench.ipynb (the page) and in
explore.ipynb (ipywidgets and pictures), in turn: from the key to the first plan of the new budget
on the screen. Wanted: p95 of the widgets within 1.5 times that of the page. The figures are only
good on idle cores; the load stands beside them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from workbench import ROOT, SCREEN, chromium, load, print_times

# notebook -> the slider of the budget, and the picture that shows a plan
PLACES = {
    "workbench": ('.ikmplan-page [data-slide="budget"]', ".ikmplan-page .tiles"),
    "explore": (".ikmplan-controls .noUi-handle >> nth=0", ".ikmplan-picture .tiles"),
}
PATIENCE = 20.0
PAINTED = """([tiles, before]) => {
  const shown = document.querySelector(tiles);
  return shown && shown.dataset.plan !== before && !shown.closest(".older")
    && !document.querySelector(".older " + tiles);
}"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--moves", type=int, default=20)
    moves = options.parse_args().moves
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        pages = {name: browser.new_context(viewport=SCREEN).new_page() for name in PLACES}
        for name, page in pages.items():
            page.goto(f"{address}/lab/workspaces/{name}/tree/notebooks/{name}.ipynb?token=secret")
            run_all(page, PLACES[name][1])
        print(f"load: {load()}")
        times: dict[str, list[float | None]] = {name: [] for name in PLACES}
        for _n in range(moves):
            for name, page in pages.items():
                times[name].append(moved(page, *PLACES[name]))
        print(f"load: {load()}")
        for name, seconds in times.items():
            print_times(name, seconds, PATIENCE)


@contextmanager
def serving() -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory() as own:
        for name in ("notebooks", "data", "params"):  # copies: JupyterLab saves what is open
            shutil.copytree(ROOT / name, Path(own) / name)
        words = [
            sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root",
            "--IdentityProvider.token=secret", f"--LabApp.workspaces_dir={own}",
            f"--LabApp.user_settings_dir={own}", "--ServerApp.log_level=CRITICAL",
            "--LabApp.news_url=None",
        ]  # fmt: skip
        env = os.environ | {"IKMPLAN_WORK": own, "IKMPLAN_PARAMS": "params/medan-2022.yaml"}
        process = subprocess.Popen(words, cwd=own, env=env, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            while True:
                try:
                    urllib.request.urlopen(f"{address}/api?token=secret", timeout=10)
                    break
                except OSError:
                    assert process.poll() is None, "JupyterLab did not start"
                    time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def run_all(page: Page, tiles: str) -> None:
    idle = ".jp-NotebookPanel-toolbar [data-status=idle]"
    page.wait_for_selector(idle, timeout=120_000)
    while page.locator(tiles).count() == 0:
        for item in ("Run", "Run All Cells"):
            page.get_by_role("menuitem", name=item, exact=True).click()
        page.wait_for_timeout(20_000)
    page.wait_for_timeout(20_000)  # the first plan is proven meanwhile


def moved(page: Page, slider: str, tiles: str) -> float | None:
    """Seconds from a key on the slider to the plan of a budget not seen before; None without."""
    handle = page.locator(slider)
    handle.focus()
    before = page.locator(tiles).first.get_attribute("data-plan")
    began = time.perf_counter()
    page.keyboard.press("ArrowLeft")
    try:
        page.wait_for_function(PAINTED, arg=[tiles, before], timeout=1000 * PATIENCE)
    except Exception:
        return None
    took = time.perf_counter() - began
    page.wait_for_timeout(3000)  # the plan improves, then the next move
    return took


if __name__ == "__main__":
    main()
