"""How sure a plan is, where it is shown: sheet, tiles, workbook, index, comparison, sweep, core."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from ikmplan import BadInput, load, solve, views
from ikmplan.batch.batch import Options
from ikmplan.batch.grid import make_grid
from ikmplan.batch.sweep import sweep
from ikmplan.batch.tasks import SolveTask, solve_scenario
from ikmplan.cli import core_command
from ikmplan.compare.read_runs import read_comparison
from ikmplan.compare.read_sweep import read_sweep
from ikmplan.compare.summary import comparison_headline
from ikmplan.files import find
from ikmplan.input.case import Case
from ikmplan.input.scenario import read_scenario
from ikmplan.notebook.saving import UNCERTAINTY
from ikmplan.plan.plan import Plan
from ikmplan.report.pictures import tiles_picture
from ikmplan.report.sureness import beyond_range, more_and_fewer, range_note
from ikmplan.runs.core import Core, write_core
from ikmplan.runs.index import write_index
from ikmplan.runs.names import TABLES_FOLDER
from ikmplan.text import language
from ikmplan.uncertainty.answers import Uncertainty, how_sure, range_alone
from ikmplan.uncertainty.draws import draws
from ikmplan.uncertainty.plan_range import range_of
from ikmplan.workbook.plan_workbook import write_workbook


@pytest.fixture(scope="module")
def toy() -> tuple[Plan, Case, Uncertainty]:
    case = load("data/toy", language="en", draws=3)
    plan = solve(case)
    return plan, case, how_sure(plan, case, plan, workers=1)


@pytest.fixture
def office(tmp_path, monkeypatch) -> Path:
    shutil.copytree(find("data/toy"), tmp_path / "data" / "toy")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


def keep_run(runs: Path, name: str, **scenario: object) -> None:
    """A finished run: the plan's tables, and how sure it is where the scenario has draws."""
    case = load("data/toy", name=name, language="en", **scenario)
    plan = solve(case)
    plan.save(runs / name / TABLES_FOLDER)
    if case.scenario.draws:
        sure = (
            range_alone(plan, case) if case.scenario.draws == 1 else how_sure(plan, case, workers=1)
        )
        sure.save(runs / name / TABLES_FOLDER / UNCERTAINTY)


def test_sheet_and_tiles_show_the_range(toy):
    plan, case, sure = toy
    with language("en"):
        sheet = views.decision_sheet(plan, case, None, None, None, sure)
        note = range_note(sure)
        assert (
            "units are reached in 8 of 10 cases" in sheet.paragraph
            and note in sheet.tiles[0].beside
        )
        assert note in tiles_picture(plan, case, None, [], note)
        assert "8 of 10" not in views.decision_sheet(plan, case).paragraph
    with language("id"):
        assert "dalam 8 dari 10 kemungkinan" in range_note(sure)


def test_a_number_beyond_its_range_says_how_often_it_is_reached(toy):
    """Of 20 cases from 1 to 20 units 8 of 10 lie from 2.9 to 18.1: 19 or more in 2, that is 10 of
    100; 18 units lie within."""
    _plan, _case, sure = toy
    outcomes = pd.concat([sure.outcomes] * 20, ignore_index=True).head(20)
    drawn = replace(sure, tables=sure.tables | {"outcomes": outcomes.assign(lucky=range(1, 21))})
    with language("en"):
        assert "19.0 or more, are reached in 10 of 100 cases." in beyond_range(19, drawn)
        assert beyond_range(18, drawn) == beyond_range(19, None) == ""
        assert "in 95 of 100 cases" in beyond_range(2, drawn)


def test_the_workbook_has_a_sheet_about_it(toy, tmp_path):
    plan, case, sure = toy
    with language("en"):
        write_workbook(tmp_path / "plan.xlsx", plan, case, uncertainty=sure)
        write_workbook(tmp_path / "without.xlsx", plan, case)
    book = load_workbook(BytesIO((tmp_path / "plan.xlsx").read_bytes()))
    texts = [str(cell.value) for row in book["How sure"].iter_rows() for cell in row]
    without = load_workbook(tmp_path / "without.xlsx")["How sure"]
    assert "Roasting" in texts
    assert any("draws: 0" in str(cell.value) for row in without.iter_rows() for cell in row)
    first = " ".join(str(cell.value) for row in book["Summary"].iter_rows() for cell in row)
    assert "units are reached in 8 of 10 cases" in first


def test_the_index_shows_the_range(office):
    keep_run(office, "drawn", draws=1)
    keep_run(office, "plain")
    page = write_index(office, "en").read_text("utf-8")
    assert page.count("in 8 of 10 cases") == 1


def test_scenarios_are_compared_in_the_same_draws(office):
    """A plan and its twin: in no draw does one reach more, so nobody can say which is better. With
    half the money, the toy's plan holds no class for bakers, and reaches more in some draws and
    fewer in others."""
    keep_run(office, "base", draws=1)
    keep_run(office, "twin", draws=1)
    keep_run(office, "poor", draws=1, budget=50_000_000)
    keep_run(office, "plain")
    compared = read_comparison(office)
    better = {name: row["better"] for name, row in compared.figures.items()}
    assert better["twin"] == 0 and 0 < better["poor"] < 1
    assert better["plain"] != better["plain"] and better["base"] != better["base"]
    figures = compared.figures["base"]
    assert figures["low"] <= figures["middle"] <= figures["high"]
    with language("en"):
        text = comparison_headline(compared)
    alike = text.partition("cannot be distinguished")[2]
    assert "twin (0 : 0)" in alike
    worse = compared.figures["poor"]["worse"]
    assert better["poor"] + worse <= 1
    assert ("poor (" in alike) == (better["poor"] <= 0.9 and worse <= 0.9)


def test_the_core_becomes_a_scenario(office):
    keep_run(office, "drawn", draws=2, budget=60_000_000)
    keep_run(office, "plain")
    core = write_core(office / "drawn", office / "core.yaml")
    scenario = read_scenario(office / "core.yaml")
    assert scenario.locks == core.locks and scenario.budget == 60_000_000
    for run, target in (("plain", "other.yaml"), ("gone", "other.yaml"), ("drawn", "core.yaml")):
        with pytest.raises(BadInput):
            write_core(office / run, office / target)


@pytest.mark.parametrize(
    ("low", "high", "cost"),
    [(0.0, 0.0, "costs nothing."), (0.2, 0.4, "costs between 0.2 and 0.4 units.")],
)
def test_the_command_states_what_the_core_costs(monkeypatch, capsys, low, high, cost):
    core = Core(("baking >= 1",), low, high, False)
    monkeypatch.setattr("ikmplan.runs.core.write_core", lambda *_given: core)
    with language("en"):
        core_command(Path("run"), Path("core.yaml"))
    assert capsys.readouterr().out == f"core.yaml: 1 lock; the core {cost}\n"


def test_a_sweep_with_draws_has_the_range_of_each_plan():
    case = load("data/toy", draws=200, seed=3)
    task = SolveTask(case.scenario.model_dump(mode="json"), pickle.dumps(case.tables))
    row = solve_scenario(task)["row"]
    assert 0 <= row["low"] <= row["middle"] <= row["high"] <= 30
    assert solve_scenario(task)["row"] == row
    plain = SolveTask(task.scenario | {"draws": 0}, task.tables)
    assert "low" not in solve_scenario(plain)["row"]


def test_shares_of_the_same_draws_by_hand():
    """More in one of four, fewer in two, the same in one; of the draws that both have."""
    assert more_and_fewer([3, 1, 1, 2], [2, 2, 2, 2, 9]) == (0.25, 0.5)


@pytest.mark.slow
def test_the_scenarios_of_a_sweep_are_compared_draw_by_draw(office):
    """Without money nothing is reached: the base is better in each draw in which it reaches
    something. The purse holds 80 million, so a budget of 81 changes nothing, and nobody can say
    which is better."""
    params = office.parent / "toy.yaml"
    params.write_text("data: data/toy\nlanguage: en\ndraws: 40\n", "utf-8")
    budgets = [80_000_000, 81_000_000, 0]
    grid = make_grid(read_scenario(params), ["budget=80000000,81000000,0"])
    made = sweep(grid, params, office, Options(workers=1))
    drawn = pd.read_parquet(made.folder / "draws.parquet")
    plans = [load("data/toy", budget=budget, draws=40) for budget in budgets]
    names = [row["scenario"] for row in made.table.to_dict("records")]
    for name, case in zip(names, plans, strict=True):
        found = range_of(solve(case), case, draws(case, 40, case.scenario.seed)).expected
        kept = drawn[drawn["scenario"] == name]["expected"].to_list()
        assert kept == pytest.approx(found, abs=1e-6)
    compared = read_sweep(made.folder, [], names[0])
    base, near, nothing = compared.figures.values()
    assert base["better"] != base["better"]
    assert nothing["better"] == 0
    reaches = (drawn[drawn["scenario"] == names[0]]["expected"] > 1e-6).mean()
    assert nothing["worse"] == pytest.approx(reaches)
    with language("en"):
        text = comparison_headline(compared)
    assert near["scenario"] in text.partition("cannot be distinguished")[2]


def test_the_range_alone_needs_no_draws_in_the_scenario(toy):
    plan, case, sure = toy
    assert (
        range_alone(plan, case, plan)
        .outcomes.drop(columns="best")
        .equals(sure.outcomes.drop(columns="best"))
    )
