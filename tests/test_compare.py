"""Plans side by side: figures are the plans', choices and broken demands those of the hand."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from pages import (
    assert_full_sheets,
    comparison_page,
    header_cells,
    pdf_text,
    sheets_of,
    texts_of,
)
from small_cases import (
    bakery,
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
    with_scenario,
)
from test_views import Reader

from ikmplan import BadInput, audit, compare_charts, compare_views, load, solve, text
from ikmplan.batch.batch import Options
from ikmplan.batch.grid import make_grid
from ikmplan.batch.sweep import sweep as solve_grid
from ikmplan.compare.comparison import (
    ALWAYS,
    MANY,
    NEVER,
    SOMETIMES,
    changes,
    choices,
    first_names,
    in_every_plan,
    keep_all,
)
from ikmplan.compare.make import compare
from ikmplan.compare.read_runs import read_comparison
from ikmplan.input.case import Case, Package
from ikmplan.input.scenario import read_scenario
from ikmplan.insight.demands import Demand, Measures, demands
from ikmplan.plan.derive import make_plan
from ikmplan.plan.plan import Decisions, Plan, Proof, load_plan
from ikmplan.runs.write import manifest
from ikmplan.show.chart import VERMILION, Chart
from ikmplan.show.drawing import text_width

ROOT = Path(__file__).parents[1]
TABLES = (
    compare_views.asked,
    compare_views.figures,
    compare_views.differences,
    compare_views.proofs,
    compare_views.gains,
    compare_views.chosen,
    compare_views.robust,
    compare_views.kept,
    compare_views.broken,
)
CHARTS = (compare_charts.money, compare_charts.gains, compare_charts.chosen)
every_table = pytest.mark.parametrize("view", TABLES, ids=lambda f: f.__name__)
every_chart = pytest.mark.parametrize("chart", CHARTS, ids=lambda f: f.__name__)
how_many = pytest.mark.parametrize("runs", ["three", "many"])

BAKING = {("bakers", Package(("baking",), ())): 10}  # 10 · 0.5 = 5 units for 30 million
ROASTER = {("coffee", Package((), ("roaster",))): 5}  # 5 · 0.6 = 3 units for 30 million


def by_hand(case: Case, *parts: str) -> Plan:
    """A plan of the toy case: a baking class, coffee roasters and their class, or both."""
    classes, seats, machines, units = {}, {}, {}, {}
    if "baking" in parts:
        classes["baking", "bakers", 1] = 1
        seats["baking", "bakers"] = 10
        units |= BAKING
    if "roaster" in parts:
        classes["roasting", "coffee", 2] = 1
        seats["roasting", "coffee"] = 4
        machines["roaster", "coffee"] = 1
        units |= ROASTER
    decisions = Decisions(classes, seats, machines, units)
    reached = 5.0 * ("baking" in parts) + 3.0 * ("roaster" in parts)
    proof = Proof(
        "feasible",
        reached,
        reached + 1,
        1 / (reached + 1),
        case.scenario.gap,
        "hand",
        case.fingerprint,
        {"python": "3"},
    )
    return make_plan(case, decisions, proof)


def keep(folder: Path, name: str, *parts: str, **scenario: object) -> Plan:
    case = load("data/toy", name=name, **scenario)
    plan = by_hand(case, *parts)
    plan.save(folder / name / "tables")
    seal(folder / name)
    return plan


def seal(folder: Path) -> None:
    """Write the manifest of the run that lies there, as `ikmplan run` would."""
    folder.joinpath("manifest.json").unlink(missing_ok=True)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    scenario = load_plan(folder / "tables").scenario
    folder.joinpath("manifest.json").write_bytes(manifest(scenario, "by hand", files))


def copy_toy(folder: Path) -> None:
    """The toy's tables with a roaster that needs no operators: the plans by hand train none."""
    shutil.copytree(ROOT / "data" / "toy", folder / "data" / "toy")
    file = folder / "data" / "toy" / "equipment.csv"
    head, row = file.read_text("utf-8").splitlines()
    cells = dict(zip(head.split(","), row.split(","), strict=True)) | {"operators": "0"}
    file.write_text(f"{head}\n{','.join(cells.values())}\n", "utf-8")


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A folder with the toy's tables, in use; runs lie in it."""
    copy_toy(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_three(folder: Path) -> Path:
    """a: both; b: baking alone, on half the money; c: roasting alone, floor for coffee 0.25."""
    keep(folder, "a", "baking", "roaster")
    keep(folder, "b", "baking", budget=40_000_000)
    keep(folder, "c", "roaster", floors={"coffee": 0.25})
    return folder


@pytest.fixture
def three(office) -> Path:
    return make_three(office / "runs")


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> dict[str, Path]:
    """Folders that are only read: the three, and more than are shown one by one."""
    three, many = tmp_path_factory.mktemp("three"), tmp_path_factory.mktemp("many")
    make_three(three)
    for n in range(MANY + 8):
        parts = ("baking", "roaster")[: 1 + n % 2]
        keep(many, f"s{n}", *parts, budget=40_000_000 + n * 2_000_000)
    return {"three": three, "many": many}


@pytest.fixture(scope="module")
def compared(sets):
    """Each of them in both languages."""
    found = {}
    for code in ("en", "id"):
        with text.language(code):
            found |= {(name, code): read_comparison(sets[name]) for name in sets}
    return found


# --- the figures are those of the plans --------------------------------------------------


def test_every_figure_is_that_of_a_plan(three):
    c = read_comparison(three)
    assert c.names == ["a", "b", "c"] and c.base == "a"
    for row in c.scenarios.itertuples():
        plan = load_plan(three / row.scenario / "tables")
        assert (row.reached, row.coached, row.cost) == (plan.reached, plan.coached, plan.cost)
        assert (row.classes, row.machines) == (plan.class_count, plan.machine_count)
        mine = c.coverage[c.coverage["scenario"] == row.scenario]
        assert mine["reached"].sum() == pytest.approx(plan.reached)
        counts = c.items[c.items["scenario"] == row.scenario].groupby("kind")["count"].sum()
        assert counts.get("training", 0) == plan.class_count
        assert counts.get("equipment", 0) == plan.machine_count
    frame = compare_views.figures(c).frame
    assert frame["money used"].tolist() == c.scenarios["cost"].tolist()
    # baking 20 + 10 million; roasting 8 + 4 · 0.5 million and a roaster of 30
    assert c.scenarios["cost"].tolist() == [70_000_000, 30_000_000, 40_000_000]


def test_differences_are_from_the_base(three):
    c = read_comparison(three, base="b")
    assert c.names == ["b", "a", "c"]
    frame = compare_views.differences(c).frame.set_index("Scenario")
    assert frame["IKM units expected to be reached"].to_dict() == pytest.approx({"a": 3, "c": -2})
    assert frame["money used"].to_dict() == {"a": 40_000_000, "c": 10_000_000}
    # 3.34 − 0.25 is 3.09; 3.3 and 0.3 stand in the table of the figures
    for name, reached in {"a": 3.34, "b": 0.25, "c": 0.0}.items():
        c.figures[name]["reached"] = reached
    shown = compare_views.differences(c).shown().set_index("Scenario")
    assert shown["IKM units expected to be reached"].to_dict() == {"a": "+3.0", "c": "−0.3"}
    assert "3.3 units (+3.0 against the base)" in str(compare_views.headline(c))


def test_who_gains_and_who_loses(three):
    """From a to b coffee loses its 3 of 10 units, to c the bakers their 5 of 20."""
    points, units = changes(read_comparison(three)), changes(read_comparison(three), "reached")
    assert points.loc["coffee", "b"] == pytest.approx(-0.3)
    assert points.loc["bakers", "c"] == pytest.approx(-0.25)
    assert units.loc["coffee", "b"] == pytest.approx(-3)
    assert units.loc["bakers", "b"] == units.loc["coffee", "c"] == 0
    shown = compare_views.gains(read_comparison(three)).shown().set_index("Cluster")
    assert shown.loc["Coffee roasters", "b"] == "−3.0 (−30.0)"


def test_the_base_is_named_so_or_the_first_or_the_one_asked_for(three):
    shutil.copytree(three / "c", three / "base")
    about = json.loads((three / "base" / "tables" / "plan.json").read_text())
    about["scenario"]["name"] = "base"
    (three / "base" / "tables" / "plan.json").write_text(json.dumps(about))
    assert read_comparison(three).names == ["base", "a", "b", "c"]
    assert read_comparison(three, ["c", "a"]).base == "c"
    assert read_comparison(three, ["c", "a"], base="b").names == ["b", "c", "a"]


# --- always, sometimes, never ------------------------------------------------------------


def test_what_is_chosen_always_sometimes_and_never(three):
    c = read_comparison(three, ["a", "b"])
    found = choices(c).set_index("item")
    assert found["chosen"].to_dict() == {
        "baking": ALWAYS, "roasting": SOMETIMES, "roaster": SOMETIMES,
    }  # fmt: skip
    assert found.loc["roaster", ["plans", "fewest", "most", "base"]].tolist() == [1, 0, 1, 1]
    assert in_every_plan(c)[["item", "host", "fewest"]].to_numpy().tolist() == [
        ["baking", "bakers", 1]
    ]
    keep(three, "b", budget=40_000_000)  # nothing at all
    keep(three, "a", "roaster")
    assert set(choices(read_comparison(three, ["a", "b"]))["chosen"]) == {SOMETIMES, NEVER}
    assert len(in_every_plan(read_comparison(three, ["a", "b"]))) == 0


def test_the_same_count_at_another_place_is_not_the_same_choice():
    case = small_case(
        clusters=[cluster("x", 9, sector="s"), cluster("y", 9, sector="s")],
        courses=[course("c", 2, 5)],
        course_suits=[suit("c", "s")],
    )

    def plan(at: str) -> Plan:
        units = {(at, Package(("c",), ())): 2}
        decisions = Decisions({("c", at, 1): 1}, {("c", at): 2}, {}, units)
        return make_plan(case, decisions, Proof("proven", 1, 1, 0, 0, "hand", case.fingerprint))

    from ikmplan.compare.read_runs import _comparison
    from ikmplan.runs.read import Run

    c = _comparison([Run(at, Path(at), plan(at), None, case) for at in "xy"], {})
    assert choices(c)["chosen"].tolist() == [ALWAYS]
    assert len(in_every_plan(c)) == 0


# --- demands -----------------------------------------------------------------------------


def test_broken_demands_are_found(three):
    """b's budget of 40 million is broken by a alone, c's floor for coffee (25%) by b alone."""
    c = read_comparison(three)
    broken = c.kept[~c.kept["kept"]]
    found = {tuple(row) for row in broken[["kind", "key", "plan"]].itertuples(index=False)}
    assert found == {("budget", "", "a"), ("floor", "coffee", "b")}
    assert keep_all(c) == ["a", "c"]  # budgets apart: the cheapest plan keeps them all
    shown = compare_views.kept(c).shown().set_index("Demands of")
    assert shown.loc["b", "plan of a"] == "breaks 1"
    assert shown.loc["b", "plan of c"] == "keeps all"
    rows = compare_views.broken(c).shown()
    assert rows["The plan has"].tolist() == ["Rp70,000,000", "Coffee roasters: 0.0%"]
    assert rows["asked"].tolist() == ["≤ Rp40,000,000", "≥ 25.0%"]
    assert "budgets, are kept by a and c" in compare_views.headline(c)


def test_a_plan_keeps_what_its_own_scenario_asks():
    """Every kind of demand that the bakery has, measured on the plan that was solved for it."""
    case = bakery(exclusions=["video"])
    plan = solve(case)
    audit(plan, case)
    measures = Measures(plan, case)
    asked = list(demands(case))
    kinds = {demand.kind for demand in asked}
    assert kinds == {
        "floor", "target_units", "target_classes", "training_share_min", "training_share_max",
        "lock", "exclusion", "limit_money", "budget", "funds", "days",
    }  # fmt: skip
    for demand in asked:
        assert demand.kept(measures.of(demand)), (demand, measures.of(demand))
    other = with_scenario(case, target_units=plan.coached + 1, locks=["oven @ bread >= 4"][:0])
    broken = [d.kind for d in demands(other) if not d.kept(measures.of(d))]
    assert broken == ["target_units"]


def test_who_asks_that_every_user_is_trained_counts_those_who_are_not():
    """Five use the toy's roaster and four take its course: one user too many, 13.16 units. Five
    with the course cost 30 + 8 + 5 · 0.5 = 40.5 million, which leaves a baking class of 19."""
    case = load("data/toy")
    asking = with_scenario(case, users_trained=True)
    (asked,) = [demand for demand in demands(asking) if demand.kind == "users_trained"]
    assert "users_trained" not in {demand.kind for demand in demands(case)}
    found = Measures(solve(case), asking).of(asked)
    assert found == 1 and not asked.kept(found)
    plan = solve(asking)
    assert plan.reached == pytest.approx(19 * 0.5 + 5 * 0.64)
    assert asked.kept(Measures(plan, asking).of(asked))


def test_money_is_reckoned_at_the_prices_of_the_scenario_that_asks(three):
    plan = load_plan(three / "a" / "tables")
    measures = Measures(plan, load("data/toy"))
    assert measures.of(Demand("budget", "", "<=", 0)) == 70_000_000
    assert measures.of(Demand("budget", "", "<=", 0, prices=1.1)) == 77_000_000


def test_what_only_some_funds_may_pay():
    """ovens: dak alone; courses: apbd and dak. So {dak} is bounded, {apbd} is not."""
    case = small_case(
        clusters=[cluster("x", 9)],
        courses=[course("c", 2, 5, cost_class=10)],
        course_suits=[suit("c", "x")],
        equipment=[machine("oven", price=70)],
        equipment_suits=[machine_suit("oven", "x")],
        funds=[fund("apbd", 100, "training"), fund("dak", 60)],
    )
    decisions = Decisions(
        {("c", "x", 1): 1}, {("c", "x"): 2}, {("oven", "x"): 1}, {("x", Package(("c",), ())): 2}
    )
    plan = make_plan(case, Decisions({}, {}, {}, {}), Proof("proven", 0, 0, 0, 0, "", ""))
    bought = make_plan(
        with_scenario(case, funds={"dak": 100}), decisions, Proof("proven", 0, 0, 0, 0, "", "")
    )
    (asked,) = [demand for demand in demands(case) if demand.kind == "funds"]
    assert (asked.key, asked.asked) == ("dak", 60)
    assert Measures(bought, case).of(asked) == 70 and not asked.kept(70)
    assert Measures(plan, case).of(asked) == 0


def test_an_exclusion_looks_at_what_units_get_too():
    case = small_case(
        clusters=[cluster("x", 9, sector="s"), cluster("y", 9, sector="s")],
        courses=[course("c", 2, 9, scope="city")],
        course_suits=[suit("c", "s")],
    )
    units = {("x", Package(("c",), ())): 2}
    decisions = Decisions({("c", "city", 1): 1}, {("c", "x"): 2}, {}, units)
    plan = make_plan(case, decisions, Proof("proven", 1, 1, 0, 0, "hand", ""))
    measures = Measures(plan, case)
    assert measures.of(Demand("exclusion", "c@x", "<=", 0)) == 2
    assert measures.of(Demand("exclusion", "c@y", "<=", 0)) == 0


# --- what cannot be compared, or with care -----------------------------------------------


def failed(folder: Path, error: str) -> None:
    nb = nbformat.v4.new_notebook()
    output = nbformat.v4.new_output("error", ename="NoPlan", evalue=error, traceback=[])
    nb.cells = [nbformat.v4.new_code_cell("solve()", outputs=[output], id="solve")]
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / "failed.ipynb")


def test_failed_and_missing_scenarios_are_listed_with_why(three):
    failed(three / "d", "The floor cannot be met.")
    c = read_comparison(three, ["a", "b", "d", "A"])
    assert dict(c.left_out) == {
        "d": "The floor cannot be met.",
        "A": "There is no run of this name. Did you mean a?",
    }
    assert dict(read_comparison(three).left_out) == {"d": "The floor cannot be met."}
    shown = compare_views.left_out(c).shown()
    assert shown["Scenario"].tolist() == ["A", "d"] or shown["Scenario"].tolist() == ["d", "A"]


def test_a_failure_kept_by_a_batch_is_reported_as_well(three):
    (three / "e").mkdir()
    (three / "e" / "failed.json").write_text('{"error": "too little money"}')
    assert dict(read_comparison(three).left_out) == {"e": "too little money"}


def test_fewer_than_two_plans_are_refused_with_every_reason(three):
    failed(three / "d", "The floor cannot be met.")
    with pytest.raises(BadInput) as refused:
        read_comparison(three, ["a", "d", "zzz"])
    assert "two plans" in str(refused.value)
    assert "d: The floor cannot be met." in str(refused.value)
    assert "zzz: There is no run of this name." in str(refused.value)
    with pytest.raises(BadInput, match="d: The floor"):
        read_comparison(three, base="d")
    with pytest.raises(BadInput, match="is no folder"):
        read_comparison(three / "nowhere")


def test_other_clusters_are_refused(three):
    case = small_case(
        clusters=[cluster("x", 9)], courses=[course("c", 2, 5)], course_suits=[suit("c", "x")]
    )
    proof = Proof("proven", 0, 0, 0, 0, "hand", case.fingerprint)
    plan = make_plan(case, Decisions({}, {}, {}, {}), proof)
    plan.save(three / "x" / "tables")
    about = json.loads((three / "x" / "tables" / "plan.json").read_text())
    about["scenario"] |= {"name": "x", "data": "data/toy"}
    (three / "x" / "tables" / "plan.json").write_text(json.dumps(about))
    assert dict(read_comparison(three).left_out) == {"x": "It plans for other clusters than a."}


def test_plans_from_the_same_tables_need_no_warning(three):
    assert read_comparison(three).warnings == ()


def test_changed_tables_are_reported(three, office):
    clusters = office / "data" / "toy" / "clusters.csv"
    clusters.write_text(clusters.read_text().replace("bakery,North,20", "bakery,North,21"))
    (message,) = read_comparison(three).warnings
    assert message.startswith("a, b, and c: data/toy has changed since")


def test_other_tables_are_reported(three, office):
    shutil.copytree(office / "data" / "toy", office / "data" / "dear")
    courses = office / "data" / "dear" / "courses.csv"
    courses.write_text(courses.read_text().replace("20000000", "21000000"))
    case = load("data/dear", name="b")
    by_hand(case, "baking").save(three / "b" / "tables")
    seal(three / "b")
    (message,) = read_comparison(three).warnings
    assert message.startswith("b: made from other tables than a.")


def test_the_same_tables_in_another_folder_are_the_same(three, office):
    shutil.copytree(office / "data" / "toy", office / "data" / "copy")
    by_hand(load("data/copy", name="b"), "baking").save(three / "b" / "tables")
    seal(three / "b")
    assert read_comparison(three).warnings == ()


def test_another_program_is_reported(three):
    about = json.loads((three / "c" / "tables" / "plan.json").read_text())
    about["proof"]["versions"] = {"python": "2"}
    (three / "c" / "tables" / "plan.json").write_text(json.dumps(about))
    seal(three / "c")
    (message,) = read_comparison(three).warnings
    assert message == "c: made by other versions than a: python 2 and not 3."


def test_tables_changed_after_the_run_are_reported(three):
    path = three / "b" / "tables" / "coverage.parquet"
    pd.read_parquet(path).assign(size=1).to_parquet(path)
    (text,) = read_comparison(three).warnings
    assert text.startswith("b does not verify: tables/coverage.parquet is not as it was written.")


def test_an_older_plan_of_a_scenario_that_failed_since_is_reported(three):
    failed(three / "b", "no")
    (message,) = read_comparison(three).warnings
    assert message == "The newest run of b failed; an older plan is compared."


def test_difference_within_the_gaps_is_no_difference(three):
    """a reaches 8 to 9 at best, b 5 to 6: they differ. With bounds up to 8 they are not."""
    assert "cannot be distinguished: the difference" not in compare_views.headline(
        read_comparison(three)
    )
    about = json.loads((three / "b" / "tables" / "plan.json").read_text())
    about["proof"]["bound"] = 8.5
    (three / "b" / "tables" / "plan.json").write_text(json.dumps(about))
    assert "How many units b and the base reach" in compare_views.headline(read_comparison(three))


def test_many_names_are_cut_short():
    assert first_names(["a", "b"]) == "a and b"
    assert first_names(list("abcdefgh")) == "a, b, c, d, e, and 3 more"


@pytest.mark.parametrize("count", [2, MANY + 1])
def test_plans_that_do_nothing_can_be_compared(office, count):
    for n in range(count):
        keep(office / "runs", f"s{n}", budget=n)
    c = read_comparison(office / "runs")
    for make in (*TABLES, *CHARTS, compare_views.headline):
        assert make(c) is not None
    assert choices(c)["chosen"].unique().tolist() == [NEVER]


# --- a sweep -----------------------------------------------------------------------------


@pytest.fixture
def sweep(office) -> Path:
    """Three scenarios as `ikmplan sweep` keeps them; the third has no plan."""
    import pandas as pd

    folder = office / "runs" / "swept"
    folder.mkdir(parents=True)
    base = load("data/toy", language="en").scenario.model_dump(mode="json")
    rows, decided = [], []
    for budget, parts in ((80_000_000, ("baking", "roaster")), (40_000_000, ("baking",)), (0, ())):
        name = f"plan budget={budget}"
        plan = by_hand(case := load("data/toy", name=name, budget=budget), *parts)
        row = {"scenario": name, "budget": budget, "status": "proven" if parts else "none"}
        row |= {"why": "" if parts else "There is no such plan.", "fingerprint": case.fingerprint}
        figures = {
            "value": plan.proof.value, "bound": plan.proof.bound, "gap": plan.proof.gap,
            "reached": plan.reached, "coached": plan.coached, "worst": 0.0,
            "classes": plan.class_count, "machines": plan.machine_count, "cost": plan.cost,
        }  # fmt: skip
        rows.append(row | (figures if parts else dict.fromkeys(figures)))
        decided += [[name, *item] for item in plan.held]
    columns = ["scenario", "kind", "item", "host", "count"]
    pd.DataFrame(rows).to_parquet(folder / "sweep.parquet")
    pd.DataFrame(decided, columns=columns).to_parquet(folder / "decisions.parquet")
    about = {"base": base, "varied": {"budget": [row["budget"] for row in rows]}}
    (folder / "sweep.json").write_text(json.dumps(about))
    return folder


def test_a_sweep_is_compared_as_far_as_it_goes(sweep):
    c = read_comparison(sweep)
    assert c.names == ["Rp80 million", "Rp40 million"]
    assert dict(c.left_out) == {"Rp0": "There is no such plan."}
    assert c.scenarios["cost"].tolist() == [70_000_000, 30_000_000]
    assert c.scenarios["budget"].tolist() == [80_000_000, 40_000_000]
    assert c.scenarios["share"].tolist() == pytest.approx([8 / 30, 5 / 30])
    assert choices(c).set_index("item")["chosen"].to_dict() == {
        "baking": ALWAYS, "roasting": SOMETIMES, "roaster": SOMETIMES,
    }  # fmt: skip
    assert "kept by" not in compare_views.headline(c)  # days and funds were not kept
    message, older = c.warnings
    assert message.startswith("Of a sweep it is not known which plan breaks an exclusion")
    assert older.startswith("This sweep kept no coverage")
    for view in (*TABLES, compare_views.headline, compare_views.warnings, compare_views.left_out):
        assert view(c)
    for chart in (compare_charts.money, compare_charts.chosen):
        assert chart(c).svg()
    assert compare_views.asked(c).shown().to_numpy().tolist() == [
        ["budget", "Most that may be spent", "Rp80,000,000", "Rp40,000,000"]
    ]


def keep_coverage(sweep: Path) -> None:
    """As `ikmplan sweep` keeps it: with 80 million 5 of 20 bakers and 3 of 10 roasters, with 40
    million the bakers alone."""
    import pandas as pd

    rows = [
        (f"plan budget={budget}", cluster, size, size, n, n / size)
        for budget, coffee in ((80_000_000, 3.0), (40_000_000, 0.0))
        for cluster, size, n in (("bakers", 20, 5.0), ("coffee", 10, coffee))
    ]
    columns = ["scenario", "cluster", "size", "coached", "reached", "coverage"]
    pd.DataFrame(rows, columns=columns).to_parquet(sweep / "coverage.parquet")


def test_a_sweep_that_kept_its_clusters_states_who_gains(sweep):
    """Roasters lose 3 of 10 units with half the money, bakers neither gain nor lose."""
    keep_coverage(sweep)
    c = read_comparison(sweep)
    assert len(c.warnings) == 1
    gains = compare_views.gains(c).frame.set_index("Cluster")
    assert gains["Rp40 million"].to_dict() == {"Bakers": 0, "Coffee roasters": -3}
    assert c.scenarios["worst"].tolist() == ["bakers", "coffee"]
    assert "Rp40 million: 1 cluster" not in compare_charts.gains(c).title
    assert (
        compare_charts.grid(c).title
        == "Rp40 million reaches 5 units at most, Rp80 million reaches 8"
    )
    assert compare_charts.clusters(c).title.startswith("This scenario: Coffee roasters gains most")
    assert {"Bakers", "Coffee roasters"} <= set(texts_of(compare_charts.panels(c)))


def test_charts_of_a_sweep_show_nothing_of_runs(three):
    c = read_comparison(three)
    for chart in (compare_charts.grid, compare_charts.clusters, compare_charts.panels):
        assert chart(c).html() == ""


def test_the_base_of_a_sweep_is_the_scenario_that_it_was_made_around(sweep):
    """The toy's purse holds 80 million, which the budget left open means; a point that is named
    is the base all the same, by its short name and by its long one."""
    assert read_comparison(sweep).base == "Rp80 million"
    for name in ("Rp40 million", "plan budget=40000000"):
        assert read_comparison(sweep, base=name).base == "Rp40 million"
    about = json.loads((sweep / "sweep.json").read_text())
    about["base"]["budget"] = 41_000_000
    (sweep / "sweep.json").write_text(json.dumps(about))
    assert read_comparison(sweep).base == "Rp40 million"


def test_why_a_point_has_no_plan_is_in_the_language_of_the_page(sweep):
    """The sweep kept its reasons in English."""
    with text.language("id"):
        ((_name, why),) = read_comparison(sweep).left_out
    assert why and "There is no such plan" not in why


def test_titles_and_notes_stand_in_a_comparison(office):
    keep(office / "runs", "a", "baking", title="As asked", note="The mayor asked for it.")
    keep(office / "runs", "b", "baking", "roaster")
    c = read_comparison(office / "runs", ["b", "a"], base="a")
    assert c.names == ["As asked", "b"]
    asked = compare_views.asked(c).shown().set_index("Parameter")
    assert asked.loc["note", "As asked (base)"] == "The mayor asked for it."
    keep(office / "runs", "b", "baking", "roaster", title="As asked")
    assert read_comparison(office / "runs").names == ["As asked (a)", "As asked (b)"]


def test_a_sweep_states_that_its_tables_changed(sweep, office):
    clusters = office / "data" / "toy" / "clusters.csv"
    clusters.write_text(clusters.read_text().replace("bakery,North,20", "bakery,North,21"))
    _less, _older, message = read_comparison(sweep).warnings
    assert message.startswith("data/toy has changed since the sweep")
    with pytest.raises(BadInput, match="Rp0: There is no such plan"):
        read_comparison(sweep, base="plan budget=0")


# --- for readers -------------------------------------------------------------------------


@every_table
@how_many
def test_every_table_can_be_read_aloud(view, runs, compared):
    made = view(compared[runs, "en"])
    found = Reader(made.html())
    assert not found.open
    if len(made):
        assert found.captions == 1
        assert found.scopes.count("col") == len(made.columns)
    assert len(made.columns) == len({column.heading for column in made.columns})
    assert len(made.columns) <= 14  # however many scenarios there are


@every_chart
@how_many
def test_every_chart_states_what_to_see(chart, runs, compared):
    c = compared[runs, "en"]
    figure = chart(c)
    assert figure.title and figure.caption and figure.alt.startswith(figure.title)
    assert len(figure.alt) < 4000
    assert figure.svg() == chart(c).svg()


def words(made: object) -> set[str]:
    """The words of a table or chart that are no name."""
    if isinstance(made, Chart):
        message = {*texts_of(made), made.caption}
    else:
        message = {
            made.caption,
            *made.shown().columns,
            *made.shown().astype(str).to_numpy().ravel(),
        }
    return {text for text in message if re.search(r"[A-Za-z]{2}", text)}


@pytest.mark.parametrize("make", [*TABLES, *CHARTS], ids=lambda f: f.__name__)
@how_many
def test_the_texts_are_in_indonesian(make, runs, compared):
    c = compared[runs, "en"]
    english = words(make(c))
    with text.language("id"):
        indonesian = words(make(compared[runs, "id"]))
    case = load("data/toy")
    names = {case.name(key) for key in [*case.clusters, *case.courses, *case.equipment]}
    same = {message for message in english & indonesian if message not in names | set(c.names)}
    # keys of parameters, and what is the same in both
    assert same <= {"budget", "floors", "Parameter", "Rp0"}, same


def test_labels_do_not_hide_points_or_each_other(compared):
    """Boxes of the three names, of letters 11.5 high, against each other and the marks."""
    svg = compare_charts.money(compared["three", "en"]).svg()
    points = re.findall(r'<circle cx="([^"]+)" cy="([^"]+)"', svg)[:2]
    boxes = []
    for x, y, anchor, name in re.findall(
        r'<text x="([^"]+)" y="([^"]+)"(?: text-anchor="(\w+)")?[^>]*paint-order[^>]*>([^<]+)<', svg
    ):
        wide = text_width(name, 11.5)
        left = float(x) - {"": 0, "middle": wide / 2, "end": wide}[anchor]
        boxes.append((left, float(y) - 9, left + wide, float(y) + 2))
    assert len(boxes) == 3
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:n]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        for u, v in points:
            assert not (left < float(u) < right and top < float(v) < bottom)


def test_many_scenarios_are_shown_by_their_extremes(compared):
    """Even ones bake (5 units, 30 million), odd ones roast too (8 units, 70 million). s0 reaches
    least, costs least, and keeps most; s1 reaches most and serves the worst-off cluster best."""
    c = compared["many", "en"]
    assert c.shown == ["s0", "s1"] and len(c.names) == MANY + 8
    frame = compare_views.figures(c).frame.set_index("Scenario")
    money = frame["money used"]
    assert money[["s0 (base)", "s1"]].tolist() == [30_000_000, 70_000_000]
    of_all = [f"{word} of all 20" for word in ("lowest", "middle", "highest")]
    assert money[of_all].tolist() == [30_000_000, 50_000_000, 70_000_000]
    assert compare_views.differences(c).frame["money used"].tolist() == [40_000_000]
    assert compare_views.proofs(c).frame["Scenario"].tolist() == ["s0 (base)", "s1"]
    assert compare_views.asked(c).frame["Different values"].tolist() == [20]
    gains = compare_views.gains(c).frame.set_index("Cluster")
    assert gains.loc["Coffee roasters", "scenarios that reach more"] == 10
    assert gains.loc["Coffee roasters", ["lowest", "highest"]].tolist() == [0, 0.3]
    assert "19 scenarios are compared with it" in compare_views.headline(c)


def test_demands_of_many_scenarios_are_counted_on_all_plans(compared):
    """The ten plans of 70 million break every budget below that: those of s0 to s14. The 20
    budgets and the days of the one trainer are the demands."""
    c = compared["many", "en"]
    kept = compare_views.kept(c)
    frame = kept.frame.set_index("Demands of")
    assert frame["plan of s1"].to_dict() == {"s0 (base)": 1, "s1": 1, "all scenarios": 15}
    assert frame["plan of s0"].tolist() == [0, 0, 0]
    assert frame["Demands"].to_dict() == {"s0 (base)": 2, "s1": 2, "all scenarios": 21}
    assert kept.shown()["plans that keep all"].tolist() == ["10 of 20"] * 3
    rows = compare_views.broken(c).frame
    assert rows["asked"].tolist() == ["≤ Rp40,000,000", "≤ Rp42,000,000"]
    assert rows["asked by"].tolist() == ["s0", "s1"]
    assert rows["Plans that break it"].tolist() == [10, 10]


def test_the_scenarios_shown_of_many_have_the_extremes(office):
    """Each of s1 to s5 has one of them, in the order in which they are named; s0 is the base.
    Most units for the money are none: a cheaper plan has them whatever it decides."""
    keep(office / "runs", "s0", "baking")
    names = [f"s{n}" for n in range(MANY + 1)]
    for name in names[1:]:
        shutil.copytree(office / "runs" / "s0", office / "runs" / name)
        file = office / "runs" / name / "tables" / "plan.json"
        about = json.loads(file.read_text())
        about["scenario"]["name"] = name
        file.write_text(json.dumps(about))
    c = read_comparison(office / "runs")
    assert sorted(c.names) == sorted(names)
    rows = c.scenarios.set_index("scenario")
    extremes = {
        "reached": {"s1": 1, "s2": 30}, "cost": {"s3": 1}, "worst_share": {"s4": 0.9},
        "gap": {"s5": 0.5},
    }  # fmt: skip
    for column, values in extremes.items():
        for name, value in values.items():
            rows.loc[name, column] = value
    kept = c.kept.copy()
    kept.loc[kept["plan"] != "s6", "kept"] = False
    tables = c.tables | {"scenarios": rows.reset_index(), "kept": kept}
    changed = replace(c, tables=tables)
    assert set(changed.shown) == {f"s{n}" for n in range(7)} and changed.shown[0] == "s0"
    for view in TABLES:
        assert len(view(changed).columns) <= 14


def test_a_bound_of_a_weighted_objective_never_stands_beside_units(office):
    """With weights b's value happens to be its units; its bound is still none of units."""
    keep(office / "runs", "a", "baking", "roaster")
    keep(office / "runs", "b", "baking", equity=1)
    c = read_comparison(office / "runs")
    assert c.scenarios["in_units"].tolist() == [True, False]
    assert c.scenarios["value"].tolist() == c.scenarios["reached"].tolist()
    proofs = compare_views.proofs(c).frame
    assert proofs["Counted in"].tolist() == ["units reached", "weighted units"]
    assert "cannot be distinguished: the difference" not in compare_views.headline(c)
    whiskers = compare_charts.money(c).svg().count(f'stroke="{VERMILION}"')
    assert whiskers == 3  # a's bar with its end, and the legend


# --- the page ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("code", ["id", "en"])
def test_the_page_by_papermill(three, office, code, monkeypatch):
    from test_batch import FETCHES

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    page = compare("runs", ["a", "b", "gone"], base="b", code=code)
    assert page == Path("runs/compare.html")
    html = page.read_text("utf-8")
    assert f'<html lang="{code}">' in html
    assert FETCHES.findall(html) == []
    headings = {"id": "Perbandingan skenario", "en": "Scenarios compared"}
    assert f"{headings.pop(code)}</h1>" in html
    assert not [other for other in headings.values() if other in html]
    assert html.count("<figure") == html.count("<figcaption") == 3
    assert all(len(alt) > 40 for alt in re.findall(r'<svg[^>]*aria-label="([^"]*)"', html))
    assert html.count("<caption") == html.count("<table")
    assert "gone" in html
    nb = nbformat.read(office / "runs" / "compare.ipynb", as_version=4)
    counts = [cell.execution_count for cell in nb.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    for file in ("compare.ipynb", "compare.html", "index.html"):
        assert str(office) not in (office / "runs" / file).read_text("utf-8")
    assert 'href="compare.html"' in (office / "runs" / "index.html").read_text("utf-8")
    assert {path.name for path in (office / "runs").iterdir()} == {
        "a", "b", "c", "compare.html", "compare.ipynb", "index.html",
    }  # fmt: skip


@pytest.mark.slow
def test_nothing_to_compare_leaves_older_pages_alone(three, monkeypatch):
    from ikmplan.notebook.execute import Failed

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    (three / "compare.html").write_text("older")
    with pytest.raises(Failed, match="needs two plans"):
        compare(three, ["a"])
    assert (three / "compare.html").read_text() == "older"
    assert not (three / "compare.ipynb").exists()


@pytest.mark.slow
@pytest.mark.browser
def test_every_column_of_many_scenarios_is_on_the_sheet(chromium, office, tmp_path):
    """Twelve scenarios beside each other, printed on A4 laid across (842 × 595 points), with the
    text of every header cell; on a screen of 1366 dots no header cell reaches into the next."""
    for n in range(MANY):
        parts = ("baking", "roaster") if n % 2 else ("baking",)
        keep(office / "runs", f"s{n}", *parts, budget=80_000_000 - n, title=f"Alternative no. {n}")
    html = comparison_page("en", office / "runs")
    file = tmp_path / "compare.html"
    file.write_text(html, encoding="utf-8")
    tab = chromium.new_page(viewport={"width": 1366, "height": 900})
    tab.goto(file.as_uri())
    over = tab.evaluate(
        """() => [...document.querySelectorAll("thead th")].filter(
            th => th.scrollWidth > th.clientWidth + 1).map(th => th.textContent)"""
    )
    pdf = tab.pdf(prefer_css_page_size=True)
    tab.close()
    assert over == []
    boxes = {
        tuple(map(float, box.split()[2:])) for box in re.findall(rb"/MediaBox ?\[([^\]]*)\]", pdf)
    }
    assert {(round(width), round(height)) for width, height in boxes} == {(842, 595)}
    printed = pdf_text(pdf)
    cells = header_cells(html)
    assert sum("Alternativeno." in text for text in cells) > 3 * MANY
    assert [text for text in cells if text not in printed] == []


def make_paper(kind: str, office: Path) -> tuple[Path, list[str]]:
    """Plans to print, and the charts whose titles belong on the first sheet."""
    if kind == "sweep":
        file = office / "toy.yaml"
        file.write_text("data: data/toy\nlanguage: en\n")
        grid = make_grid(read_scenario(file), ["budget=5000000:200000000:20", "floor=0:0.9:10"])
        solve_grid(grid, file, office / "runs", Options(workers=1))
        return office / "runs" / "toy sweep", ["grid"]
    for n in range(3 if kind == "three" else MANY):
        parts = ("baking", "roaster") if n % 2 else ("baking",)
        keep(office / "runs", f"s{n}", *parts, budget=80_000_000 - n)
    return office / "runs", ["gains", "money"]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("kind", ["three", "twelve", "sweep"])
def test_the_first_sheet_of_a_comparison_has_the_answer(chromium, office, tmp_path, kind):
    """Three and twelve scenarios, and 200 points of a sweep: the figures with who gains and what it
    costs, or the map of the points, stand on the first sheet; no sheet is half empty."""
    runs, charts = make_paper(kind, office)
    html = comparison_page("en", runs)
    file = tmp_path / "compare.html"
    file.write_text(html, encoding="utf-8")
    tab = chromium.new_page(viewport={"width": 1366, "height": 900})
    tab.goto(file.as_uri())
    pdf = tab.pdf(prefer_css_page_size=True)
    tab.close()
    first = "".join(sheets_of(pdf)[0].values())
    c = read_comparison(runs)
    for chart in charts:
        title = getattr(compare_charts, chart)(c).title.split(";")[0]
        assert re.sub(r"[\s-]", "", title)[:30] in first, title
    assert_full_sheets(pdf, html)
    if kind == "sweep":
        assert "noplan" in first and len(c.names) + len(c.left_out) == 200
    else:
        assert all(name in first for name in c.names)


@pytest.mark.slow
@pytest.mark.browser
def test_axe_finds_no_fault_in_a_comparison(chromium, office, tmp_path):
    from axe_playwright_python.sync_playwright import Axe

    keep(office / "runs", "a", "baking", "roaster")
    keep(office / "runs", "b", "baking", budget=40_000_000)
    file = tmp_path / "compare.html"
    file.write_text(comparison_page("en", office / "runs"), encoding="utf-8")
    for width in (1366, 390):
        tab = chromium.new_page(viewport={"width": width, "height": 844})
        tab.goto(file.as_uri())
        found = Axe().run(tab).response["violations"]
        wide = tab.evaluate("document.documentElement.scrollWidth")
        tab.close()
        assert not found, json.dumps([(v["id"], v["nodes"][0]["html"]) for v in found])
        assert wide <= width
