"""How fast does the planner's page answer? A real browser, a real server, Medan's case.

    python benchmarks/workbench.py [--moves 50] [--seed 0] [--patience 20]

Debian's Chromium opens `ikmplan explore` and moves sliders with the mouse. From the end of
each move to the changed picture: when the tiles show a plan of the new setting that is
proven within 5 %, and within 0.1 %. A move waits for 0.1 %, at most `--patience` seconds.

Then the same moves without a browser, step by step in this process: where the time goes.
First of all: from starting the server, and from opening its address, to a page with a plan.
The load of the machine stands beside the figures; they are only good on idle cores.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

import ikmplan.explore.state as workbench
import ikmplan.explore.widgets as dashboard
import ikmplan.model.stages as solver
from ikmplan.input.scenario import read_scenario
from ikmplan.model.highs import Model

ROOT = Path(__file__).parents[1]
MEDAN = ROOT / "params" / "medan-2022.yaml"
MARKS = (0.05, 0.001)
# slider -> the part of it that is moved in; beyond it there is no plan, or nothing changes
RANGES = {
    "budget": (0.72, 1.0),
    "floor": (0.0, 0.5),
    "price_factor": (0.25, 0.36),
    "trainer_factor": (0.3, 0.6),
    "funds.apbd": (0.4, 0.7),
    "equity": (0.0, 0.3),
}
WATCH = """(marks) => {
  const desk = document.querySelector(".ikmplan-page");
  const seen = { since: 0, before: "", times: {} };
  window.ikmplanSeen = seen;
  document.addEventListener("change", () => {
    seen.since = performance.now();
    seen.before = desk.querySelector(".tiles").dataset.plan;
    seen.times = {};
  }, true);
  const look = () => {
    const tiles = desk.querySelector(".tiles"), badge = desk.querySelector(".badge");
    if (!tiles || !badge || !seen.since || tiles.dataset.plan === seen.before
        || desk.querySelector(".older")) return;
    const gap = parseFloat(badge.dataset.gap);
    for (const mark of marks)
      if (!(mark in seen.times) && gap <= mark) {
        seen.times[mark] = -1;  // until it is painted
        requestAnimationFrame(() => setTimeout(() => {
          seen.times[mark] = performance.now() - seen.since; }));
      }
    seen.none = Boolean(desk.querySelector(".badge.none"));
    seen.busy = badge.dataset.busy === "1";
  };
  new MutationObserver(look).observe(desk, { subtree: true, childList: true, attributes: true });
}"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--moves", type=int, default=50)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--patience", type=float, default=20.0)
    given = options.parse_args()
    moves = list(random_moves(given.moves, given.seed))
    print(f"cores: {os.cpu_count()}; load: {load()}")
    with serving() as (address, started), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        cold, page = opened(browser.new_context(viewport=SCREEN), address)
        print(f"server up after {started:.1f} s; page from its address to a plan: {cold:.1f} s")
        time.sleep(8)  # the next kernel is made ready meanwhile
        again, page = opened(browser.new_context(viewport=SCREEN), address)
        print(f"a second visitor, whose kernel stands ready: {again:.1f} s")
        settle(page, 60)
        print(f"load: {load()}")
        times = browsed(page, moves, given.patience)
        print(f"load: {load()}")
    for mark in MARKS:
        print(f"to a plan within {mark:.1%}")
        print_times("all moves", [t.get(mark) for _n, t in times], given.patience)
        for name in RANGES:
            print_times(name, [t.get(mark) for n, t in times if n == name], given.patience)
    stages(moves)


SCREEN: Any = {"width": 1366, "height": 768}


def load() -> str:
    return ", ".join(f"{n:.1f}" for n in os.getloadavg())


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("no chromium on this machine (Debian: apt-get install chromium)")
    return found


def random_moves(count: int, seed: int) -> Iterator[tuple[str, float]]:
    """(slider, where to on it, 0..1), one slider after the other."""
    chance = random.Random(seed)
    for n in range(count):
        name = list(RANGES)[n % len(RANGES)]
        low, high = RANGES[name]
        yield name, chance.uniform(low, high)


# --- the browser ------------------------------------------------------------------------------


@contextmanager
def serving() -> Iterator[tuple[str, float]]:
    """The address of `ikmplan explore`, and how long it took to come up."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as work:
        process = subprocess.Popen(
            [sys.executable, "-m", "ikmplan.cli", "explore", str(MEDAN), "--no-browser",
             "--port", "18867"],
            cwd=ROOT, env=os.environ | {"IKMPLAN_WORK": work}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1], time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(10)


def opened(context: Any, address: str) -> tuple[float, Page]:
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(".tiles", timeout=90_000)
    return time.perf_counter() - began, page


def settle(page: Page, seconds: float) -> None:
    page.wait_for_selector('.badge[data-busy="0"]', timeout=1000 * seconds)


def browsed(
    page: Page, moves: list[tuple[str, float]], patience: float
) -> list[tuple[str, dict[float, float]]]:
    """The slider of each move, and seconds to each mark."""
    page.evaluate(WATCH, list(MARKS))
    found = []
    for name, share in moves:
        slider = page.locator(f'[data-slide="{name}"]')
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        before = page.evaluate("ikmplanSeen.since")
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 8 + (box["width"] - 16) * share, box["y"] + box["height"] / 2)
        page.mouse.up()
        if page.evaluate("ikmplanSeen.since") == before:  # it stood there already
            continue
        done = f"ikmplanSeen.times[{MARKS[-1]}] > 0 || ikmplanSeen.none"
        with suppress(Exception):  # not within the patience: the marks that were reached count
            page.wait_for_function(done, timeout=1000 * patience)
        if page.evaluate("ikmplanSeen.none"):
            continue
        times = page.evaluate("ikmplanSeen.times")
        found.append((name, {float(mark): t / 1000 for mark, t in times.items() if t > 0}))
    return found


def print_times(what: str, seconds: list[float | None], patience: float) -> None:
    reached = sorted(t for t in seconds if t is not None)
    missed = len(seconds) - len(reached)
    every = [*reached, *[float("inf")] * missed]
    if not every:
        print(f"  {what:16} no move counted")
        return

    def at(share: float) -> str:
        t = every[min(len(every) - 1, int(share * len(every)))]
        return f"> {patience:.0f} s" if t == float("inf") else f"{t:.2f} s"

    print(
        f"  {what:16} median {at(0.5)}, p95 {at(0.95)}, worst {at(1)}"
        f" ({len(every)} moves, {missed} not within {patience:.0f} s)"
    )


# --- where the time goes ------------------------------------------------------------------------


def stages(moves: list[tuple[str, float]]) -> None:
    """Milliseconds of each step from a change to the HTML of its first plan within 5 %."""
    wall_seconds: dict[str, float] = defaultdict(float)
    places = [
        (workbench, "make_case", "case"),
        (workbench.State, "_field", "fields"),
        (solver, "make_problem", "model"),
        (Model, "search", "search"),
        (solver, "decisions_of", "quarters"),
        (solver, "make_plan", "tables"),
        (solver, "audit", "audit"),
        (dashboard.PlannerPage, "_show", "HTML"),
    ]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _step in places]
    for owner, name, step in places:
        setattr(owner, name, timed(getattr(owner, name), step, wall_seconds))
    rows = []
    state = workbench.State(read_scenario(MEDAN))
    try:
        page = dashboard.PlannerPage(state)
        state.wait(60)
        for name, share in moves:
            rows.append(one(state, page, name, share, wall_seconds))
            state.stop()
            state.wait(60)
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
        state.close()
    rows = [row for row in rows if row]
    print(f"where it goes, without a browser, until a plan within {MARKS[0]:.0%} (median of each):")
    for step in dict.fromkeys(step for _o, _n, step in places):
        print(f"  {step:10}{statistics.median(row.get(step, 0) for row in rows) * 1000:8.0f} ms")
    print(f"  {'in all':10}{statistics.median(row['all'] for row in rows) * 1000:8.0f} ms")


def timed(
    function: Callable[..., Any], step: str, wall_seconds: dict[str, float]
) -> Callable[..., Any]:
    def run(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            wall_seconds[step] += time.perf_counter() - began

    return run


def one(
    state: Any, page: Any, name: str, share: float, wall_seconds: dict[str, float]
) -> dict[str, float]:
    field = next(f for f in workbench.fields(state.now.case, state.first_case) if f.name == name)
    value = field.low + (field.high - field.low) * share
    value = field.low + round((value - field.low) / field.step) * field.step
    wall_seconds.clear()
    began = time.perf_counter()
    state.slide(name, value)
    fingerprint = state.now.case.fingerprint
    while state.now.busy:
        gap = state.now.gap
        if gap is not None and gap <= MARKS[0]:
            break
        time.sleep(0.002)
    if state.now.plan is None or state.now.plan.proof.fingerprint != fingerprint:
        return {}
    return {**wall_seconds, "all": time.perf_counter() - began}


if __name__ == "__main__":
    main()
