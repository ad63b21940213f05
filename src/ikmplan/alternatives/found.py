"""All that else could be done about one plan, worked out, saved and read again.

`alternatives` finds it; each of its plans is audited as any plan is. `save_plans` writes each as
a scenario whose locks give the same plan again, beside that plan, where a comparison reads it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ikmplan.alternatives.cheapest import CostRung, cheapest_for, cost_ladder
from ikmplan.alternatives.similar_plans import (
    ELSEWHERE,
    MOST_PLANS,
    WITHIN,
    SimilarPlans,
    check_shares,
    growing_similar,
)
from ikmplan.alternatives.way import WAY_STEPS, Fewest, Step, Way, WayOptions, own_money, way
from ikmplan.faults import BadInput, file_fault
from ikmplan.files import find, folder_name, write_atomic
from ikmplan.input.case import Case
from ikmplan.input.scenario import write_scenario
from ikmplan.insight.baselines import announced, doing_nothing
from ikmplan.insight.demands import changed
from ikmplan.insight.questions import lock_text
from ikmplan.model.distance import counts_of, places_of
from ikmplan.model.search import ask, solve
from ikmplan.plan.plan import Plan, load_plan
from ikmplan.text import _

# the money of a way: that of the given plan, or of the case; with that, every step kept
OWN, MORE, NESTED = "own", "more", "nested"
CONTENTS = "about.json"
EXACT_GAP = 1e-5  # of a plan whose classes and machines are all given


@dataclass(frozen=True)
class Alternatives:
    """The ways from a given plan, other plans as good, and the cheapest plans."""

    ways: dict[str, Way]  # by their money; without one for which there is no plan
    nested: Way | None  # with all the money, each step keeping those before
    similar: SimilarPlans | None = None  # None: not looked for
    rungs: tuple[CostRung, ...] = ()

    def plans(self) -> Iterator[tuple[str, Plan]]:
        """Every plan by a short name; no plan twice in one way."""
        for name, one in self.every_way.items():
            before = None
            for step in one.steps:
                if step.plan is not before:
                    yield f"way-{name}-{step.most:02}", step.plan
                before = step.plan
        for n, plan in enumerate(self.similar.others if self.similar else (), 1):
            yield f"similar-{n}", plan
        for rung in self.rungs:
            if rung.plan is not None:
                yield f"cost-{round(100 * rung.share)}", rung.plan

    @property
    def every_way(self) -> dict[str, Way]:
        """Those of `ways`, and the nested one where there is one."""
        return {**self.ways, **({NESTED: self.nested} if self.nested else {})}

    def save(self, folder: str | Path) -> None:
        """To be read by `load_alternatives`."""
        folder = Path(folder)
        for name, one in self.every_way.items():
            for step in one.steps:
                step.plan.save(folder / f"way-{name}" / str(step.most))
            one.given.save(folder / f"way-{name}" / "given")
            one.best.save(folder / f"way-{name}" / "best")
        if self.similar is not None:
            for n, plan in enumerate((self.similar.plan, *self.similar.others)):
                plan.save(folder / "similar" / str(n))
        for n, rung in enumerate(self.rungs):
            if rung.plan is not None:
                rung.plan.save(folder / "cost" / str(n))
        write_atomic(folder / CONTENTS, json.dumps(self._about(), indent=2).encode())

    def _about(self) -> dict[str, Any]:
        rungs = [{**rung._asdict(), "plan": rung.plan is not None} for rung in self.rungs]
        return {
            "ways": {
                name: {
                    "fewest": one.fewest.changes,
                    "fewest_proven": one.fewest.proven,
                    "steps": [(step.most, step.bound) for step in one.steps],
                }
                for name, one in self.every_way.items()
            },
            "similar": _about_similar(self.similar) if self.similar else None,
            "rungs": rungs,
        }


def _about_similar(found: SimilarPlans) -> dict[str, Any]:
    """Beside the plans themselves."""
    about = asdict(replace(found, plan=None, others=()))  # type: ignore[arg-type]
    return {**about, "others": len(found.others)}


def first_changes(
    plan: Plan, case: Case, programme: Plan | None, stop: threading.Event | None = None
) -> Alternatives | None:
    """The ways from the announced programme to the plan of the case, with the programme's money
    and with all of it, as long as the scenario asks for. Where it asks for that, the way on which
    every step is kept is there too. None where it asks for none, or nothing was announced."""
    asked = case.scenario
    if programme is None or not asked.changes:
        return None
    ways = ways_from(programme, plan, case, steps=asked.changes, stop=stop)
    kept = None
    if asked.changes_kept:
        kept = nested_beside(ways[MORE], steps=asked.changes, stop=stop)
    return Alternatives(ways, kept)


def ways_from(
    given: Plan, plan: Plan, case: Case, *, steps: int, stop: threading.Event | None = None
) -> dict[str, Way]:
    """The ways from a given plan, with its money, where some plan keeps the rules with it, and
    with all there is."""
    ways = {}
    if (inside := best_with_own_money(given, case, stop)) is not None:
        ways[OWN] = way(given, *inside, steps=steps, stop=stop)
    ways[MORE] = way(given, case, plan, steps=steps, stop=stop)
    return ways


def nested_beside(free: Way, *, steps: int, stop: threading.Event | None = None) -> Way:
    """The way of the same case on which each step keeps the steps before it."""
    options: WayOptions = {"steps": steps, "nested": True, "fewest": free.fewest, "stop": stop}
    return way(free.given, free.case, free.best, **options)


def best_with_own_money(
    given: Plan, case: Case, stop: threading.Event | None = None
) -> tuple[Case, Plan] | None:
    """The case with the money of the given plan, and its best plan; None where that is all the
    money there is, or no plan keeps the rules with it."""
    own = own_money(given, case)
    best = ask(own, stop=stop, shown=True).plan if own.budget < case.budget else None
    return None if best is None else (own, best)


def alternatives(
    plan: Plan,
    case: Case,
    given: Plan,
    /,
    *,
    steps: int = WAY_STEPS,
    nested: bool = False,
    plans: int = MOST_PLANS,
    within: float = WITHIN,
    elsewhere: float = ELSEWHERE,
    stop: threading.Event | None = None,
) -> Alternatives:
    """What else could be done than the plan of the case: the ways to it from a given plan, with
    that plan's money and with all of it, up to so many other `plans`, and the cheapest plans.

    Where the goal of the case is not the least cost, the cheapest plans are those for as many
    units as the plan reaches, and parts of them. Raises `NoPlan` where no plan keeps the rules,
    `BadInput` where `within` or `elsewhere` is no share that can be asked for.
    """
    check_shares(within=within, elsewhere=elsewhere)
    ways = ways_from(given, plan, case, steps=steps, stop=stop)
    kept = None
    if nested:
        kept = nested_beside(ways[MORE], steps=steps, stop=stop)
    *_before, similar = growing_similar(
        plan, case, most=plans, within=within, elsewhere=elsewhere, stop=stop
    )
    if case.scenario.is_cheapest:
        rungs = cost_ladder(case, plan, stop=stop)
    else:
        rungs = cost_ladder(cheapest_for(case, plan.reached - 1e-9), stop=stop)
    return Alternatives(ways, kept, similar, rungs)


def load_alternatives(folder: str | Path, case: Case) -> Alternatives:
    """What `Alternatives.save` wrote of the case."""
    folder = Path(folder)
    about = json.loads((folder / CONTENTS).read_text("utf-8"))
    ways = {name: _read_way(folder, case, name, one) for name, one in about["ways"].items()}
    rungs = [
        CostRung(**{**rung, "plan": load_plan(folder / "cost" / str(n)) if rung["plan"] else None})
        for n, rung in enumerate(about["rungs"])
    ]
    return Alternatives(
        {name: one for name, one in ways.items() if name != NESTED},
        ways.get(NESTED),
        _read_similar(folder / "similar", about["similar"]) if about["similar"] else None,
        tuple(rungs),
    )


def _read_similar(folder: Path, about: dict[str, Any]) -> SimilarPlans:
    plan, *others = (load_plan(folder / str(n)) for n in range(about["others"] + 1))
    return SimilarPlans(**{**about, "plan": plan, "others": tuple(others)})


def _read_way(folder: Path, case: Case, name: str, about: dict[str, Any]) -> Way:
    lies = folder / f"way-{name}"
    given, best = load_plan(lies / "given"), load_plan(lies / "best")
    steps = (Step(most, load_plan(lies / str(most)), bound) for most, bound in about["steps"])
    inside = own_money(given, case) if name == OWN else case
    fewest = Fewest(about["fewest"], about.get("fewest_proven", False))
    return Way(given, inside, best, tuple(steps), name == NESTED, fewest)


def pinned(plan: Plan, case: Case, name: str) -> Case:
    """The case whose locks leave nothing of the plan's classes, machines and openings to decide:
    solved, it gives the same ones again, and as many units as they can reach."""
    inside, seconds = Case(case.tables, plan.scenario), case.scenario.time_limit
    locks = locks_of(plan, inside)
    return changed(inside, name=name, locks=locks, gap=EXACT_GAP, time_limit=seconds, near=())


def locks_of(plan: Plan, case: Case) -> tuple[str, ...]:
    """A lock for each place of the case: as many there as the plan has."""
    counts = counts_of(plan)
    return tuple(
        lock_text(item, host, "=", counts.get((item, host), 0)) for item, host in places_of(case)
    )


def save_plans(
    found: Alternatives, case: Case, folder: str | Path, plan: Plan | None = None
) -> list[str]:
    """Each plan as a scenario file, and its run where a comparison finds it; the names of the
    scenarios, that of `plan` first.

    The plan of a file is solved from it, so that another run gives the same plan.
    """
    folder, names = Path(folder), []
    start = case.scenario.name[:60]
    asked = [pinned(one, case, f"{start}-{name}") for name, one in found.plans()]
    made = [(one, solve(one)) for one in asked]
    for one, its in made if plan is None else [(case, plan), *made]:
        its.save(folder / folder_name(one.scenario.name) / "tables")
        write_scenario(one.scenario, folder / f"{folder_name(one.scenario.name)}.yaml")
        names.append(one.scenario.name)
    return names


def given_plan(start: str, case: Case) -> Plan:
    """Where a way begins: "announced", "nothing", or the plan in the folder of a finished run.

    Raises `BadInput` where there is none.
    """
    if start == "nothing":
        return doing_nothing(case)
    if start == "announced":
        if (programme := announced(case)) is not None:
            return programme
        message = _("has no announced programme from which a way could begin.")
        fix = _("Add announced.csv, or begin with the folder of a run, or with “nothing”.")
        raise BadInput([file_fault(case.scenario.data, message, fix)])
    folder = find(start)
    try:
        return load_plan(folder / "tables" if (folder / "tables").is_dir() else folder)
    except (OSError, ValueError, KeyError):
        message = _("holds no plan of a finished run.")
        fix = _("Name a folder such as runs/plan, “announced” or “nothing”.")
        raise BadInput([file_fault(str(start), message, fix)]) from None


def decisions_of_plan(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The parameter `near` that names this plan."""
    counts = counts_of(plan).items()
    return {"near": tuple(lock_text(item, host, "=", n) for (item, host), n in counts)}
