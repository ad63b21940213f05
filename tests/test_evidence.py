"""Results of a follow-up and chances of pairs: arithmetic, laws, and bad rows."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import pytest
from brute import best_value
from small_cases import cluster, course, fund, machine, machine_suit, small_case, suit, trainer
from test_tables import faults_in, holds

from ikmplan import load, solve, views
from ikmplan.input.evidence import Learned, chance_of_any, spread_of
from ikmplan.input.tables import check
from ikmplan.model.search import ask
from ikmplan.plan.audit import find_breaches
from ikmplan.uncertainty.draws import drawn_case, draws

TOY = Path(__file__).parents[1] / "data" / "toy"


def result(item: str, followed: int, reached: int, **other: object) -> dict[str, object]:
    row = {"item": item, "followed": followed, "reached": reached, "year": 2026}
    return row | other


def pair(first: str, second: str, sector: str, chance: float) -> dict[str, object]:
    return {"first": first, "second": second, "sector": sector, "chance": chance}


def test_an_estimate_counts_as_trials_and_a_follow_up_adds_to_them():
    """A chance of 0.25 from 0.10 to 0.40 has the spread 0.30 / 2.5631 = 0.11704.

    A Beta with that mean and spread is one of 0.25 · 0.75 / 0.11704² − 1 = 12.687 trials. After
    62 units of which 10 were reached: (12.687 · 0.25 + 10) / (12.687 + 62) = 13.172 / 74.687.
    """
    before = Learned(0.25, spread_of(0.10, 0.40))
    assert before.trials == pytest.approx(12.687, abs=1e-3)
    after = before.after(62, 10)
    assert after.chance == pytest.approx(13.172 / 74.687, abs=1e-5)
    assert after.spread == pytest.approx(sqrt(0.17636 * 0.82364 / 75.687), abs=1e-5)
    assert (after.followed, after.reached) == (62, 10)


def test_the_same_units_in_two_rows_or_in_one():
    """Trials add up: 20 of 62 at once is 12 of 40 and then 8 of 22."""
    before = Learned(0.3, 0.1)
    once, twice = before.after(62, 20), before.after(40, 12).after(22, 8)
    assert (twice.chance, twice.spread) == pytest.approx((once.chance, once.spread))


def test_a_fact_stays_as_it_is():
    case = bread_and_coffee(results=[result("baking", 20, 1)], sources=sources("fact"))
    assert case.learned == {}
    assert case.chance_of("bread", ("baking",)) == pytest.approx(0.4)


def test_a_cell_that_a_fact_states_is_not_moved():
    """The row is an estimate, but for its chance."""
    fact = {"source": "study", "citation": "A study", "url": "", "year": 2022, "kind": "fact"}
    cell = {"table": "courses", "row_key": "baking", "number": "success", "source": "study"}
    rows = {"sources": [*sources("estimate"), fact], "results": [result("baking", 50, 1)]}
    assert bread_and_coffee(**rows).course_success("baking") != 0.4
    assert bread_and_coffee(**rows, stated=[cell]).course_success("baking") == 0.4


def sources(kind: str) -> list[dict[str, object]]:
    return [{"source": "made_up", "citation": "made up", "url": "", "year": 2026, "kind": kind}]


def test_a_stated_range_states_how_much_an_estimate_counts():
    """0.4 from 0.36 to 0.44: spread 0.08 / 2.5631, 0.24 / 0.031212² − 1 = 245.4 trials.

    30 units of which 3 were reached then move it to (245.4 · 0.4 + 3) / 275.4 = 0.3673.
    """
    own = {"table": "courses", "number": "success", "low": 0.9, "high": 1.1}
    case = bread_and_coffee(results=[result("baking", 30, 3)], ranges=[own])
    assert case.course_success("baking") == pytest.approx(0.3673, abs=1e-4)
    assert bread_and_coffee(results=[result("baking", 30, 3)]).course_success("baking") < 0.3


def bread_and_coffee(**rows):
    """Baking suits bread wholly (0.4) and coffee by half (0.2); an oven at bread alone."""
    return small_case(
        clusters=[cluster("bread", 12), cluster("coffee", 8)],
        courses=[course("baking", 2, 10, success=0.4)],
        course_suits=[suit("baking", "bread"), suit("baking", "coffee", 0.5)],
        equipment=[machine("oven", stock=2)],
        equipment_suits=[machine_suit("oven", "bread", 50, 0.5)],
        funds=[fund("apbd", 100)],
        **rows,
    )


def test_what_was_followed_up_at_one_cluster_is_of_its_sector_alone():
    case = bread_and_coffee(results=[result("baking", 8, 8, cluster="coffee")])
    stated = bread_and_coffee()
    assert case.chance_of("bread", ("baking",)) == pytest.approx(0.4)
    assert stated.chance_of("coffee", ("baking",)) == pytest.approx(0.2)
    assert case.chance_of("coffee", ("baking",)) > 0.2
    assert case.course_success("baking") == 0.4


def test_without_a_cluster_the_course_itself_is_better_or_worse():
    """Coffee keeps half of what bread has."""
    case = bread_and_coffee(results=[result("baking", 30, 3), result("oven", 30, 30)])
    bread, coffee = case.chance_of("bread", ("baking",)), case.chance_of("coffee", ("baking",))
    assert bread == case.course_success("baking") < 0.4
    assert coffee == pytest.approx(bread / 2)
    assert case.chance_of("bread", ("oven",)) > 0.5


def test_plan_and_audit_read_results_and_pairs_alike():
    """Two ways to the same chance: the case's and the audit's."""
    case = bread_and_coffee(
        results=[result("baking", 30, 3), result("oven", 10, 9, cluster="bread")],
        together=[pair("oven", "baking", "bread", 0.95)],
    )
    plan = solve(case)
    assert list(find_breaches(plan, case)) == []
    both = plan.units[plan.units["package"] == "baking+oven"]
    assert both["chance"].tolist() == [0.95]
    assert list(find_breaches(plan, bread_and_coffee()))  # another case


def test_a_stated_pair_by_hand():
    """Alone 0.5 and 0.4: together 1 − 0.5 · 0.6 = 0.7 where nothing is stated.

    With 0.55 for the pair and a third thing of 0.2 beside them: 1 − 0.45 · 0.8 = 0.64.
    """
    alone = {"a": 0.5, "b": 0.4, "c": 0.2}
    assert chance_of_any({"a": 0.5, "b": 0.4}, {}) == pytest.approx(0.7)
    assert chance_of_any({"a": 0.5, "b": 0.4}, {("b", "a"): 0.55}) == pytest.approx(0.55)
    assert chance_of_any(alone, {("a", "b"): 0.55}) == pytest.approx(0.64)
    assert chance_of_any({"a": 0.5}, {("a", "b"): 0.55}) == 0.5


def test_pairs_in_a_ring_stay_a_chance():
    """Three things of 0.5, each pair of which is one and the same (0.5): all three are 0.5.

    Two of the three pairs say it: 1 − 0.5³ · 2 · 2 = 0.5; the third would make it 0.
    """
    alone = dict.fromkeys("abc", 0.5)
    pairs = {("a", "b"): 0.5, ("b", "c"): 0.5, ("a", "c"): 0.5}
    assert chance_of_any(alone, pairs) == pytest.approx(0.5)


def test_the_best_plan_with_results_and_a_pair_by_trying_everything():
    """The pair makes both together worth less than two units of one each."""
    case = small_case(
        {"budget": 60},
        clusters=[cluster("bread", 5)],
        courses=[course("baking", 2, 3, success=0.4, cost_class=20)],
        course_suits=[suit("baking", "bread")],
        course_uses=[{"course": "baking", "resource": "balai", "amount": 5}],
        equipment=[machine("oven", price=15, stock=2)],
        equipment_suits=[machine_suit("oven", "bread", 50, 0.5)],
        resources=[trainer("balai", 5, 5, 0, 0)],
        results=[result("baking", 40, 30)],
        together=[pair("baking", "oven", "bread", 0.75)],
    )
    assert ask(case).value == pytest.approx(best_value(case))


def test_cases_without_the_tables_keep_their_fingerprint():
    """The hash of the toy at the commit before there were such tables."""
    content = load(TOY).tables.content()
    assert not {"results", "together"} & content.keys()
    case, other = bread_and_coffee(), bread_and_coffee(results=[result("oven", 2, 1)])
    assert case.fingerprint != other.fingerprint


def test_the_tables_name_the_units_followed_up():
    case = bread_and_coffee(results=[result("baking", 30, 3)])
    shown = views.chances(solve(case), case).frame
    row = shown[shown["Course or machine"] == "Baking"].iloc[0]
    assert "from 30 units followed up, 3 of them reached" in row["Fact or estimate (source)"]
    (cell,) = views.courses(case).frame["Fact or estimate (source)"]
    assert cell.startswith("from 30 units followed up")
    assert views.courses(bread_and_coffee()).frame["Fact or estimate (source)"][0].startswith("est")


def test_what_units_with_several_things_hang_on():
    """Units with 0.4 and 0.5: 0.5 each if one holds the other, 0.9 if nobody uses two, 0.7 now."""
    case = bread_and_coffee()
    plan = solve(case)
    both = plan.units.loc[plan.units["package"] == "baking+oven", "units"].sum()
    found = views.dependence(plan, case).frame["Units expected to be reached"]
    assert both > 0
    assert found[1] == pytest.approx(plan.reached)
    assert found[1] - found[0] == pytest.approx(0.2 * both)
    assert found[2] - found[1] == pytest.approx(0.2 * both)


def test_draws_of_a_chance_that_was_followed_up():
    """Mean and spread are those of the follow-up, and each case drawn has the drawn chance."""
    case = bread_and_coffee(
        results=[result("baking", 60, 15), result("oven", 9, 9, cluster="bread")]
    )
    drawn = draws(case, 4000, seed=3)
    found = {
        ("baking", None): drawn.of("courses", "success", case.tables.courses[0]),
        ("oven", "bread"): drawn.of("equipment_suits", "success", case.tables.equipment_suits[0]),
    }
    for key, values in found.items():
        known = case.learned[key]
        assert values.mean() == pytest.approx(known.chance, abs=4 * known.spread / 4000**0.5)
        assert values.std() == pytest.approx(known.spread, rel=0.06)
        other = drawn_case(drawn, 7)
        assert other.chance_of("bread", (key[0],)) == pytest.approx(values[7])


def test_draws_of_a_course_followed_up_at_one_sector():
    """Half as relevant and 1 of 40 there: the product of both drawn numbers has that mean."""
    case = bread_and_coffee(results=[result("baking", 8, 0, cluster="coffee")])
    drawn = draws(case, 4000, seed=3)
    chance = drawn.of("courses", "success", case.tables.courses[0])
    chance = chance * drawn.of("course_suits", "relevance", case.tables.course_suits[1])
    known = case.learned["baking", "coffee"]
    assert known.chance < 0.2
    assert chance.mean() == pytest.approx(known.chance, rel=0.1)


RESULTS = "item,cluster,followed,reached,year,numbers,source\n"
PAIRS = "first,second,sector,chance,source\n"
BAD = {
    "more reached than followed up": (
        "results", RESULTS + "baking,,20,21,2024,,invented\n",
        ["results.csv row 2, column reached: “21” is above followed 20"],
    ),
    "unknown item": (
        "results", RESULTS + "bakin,,20,1,2024,,invented\n",
        ["results.csv row 2, column item: “bakin” stands in no row", "Did you mean baking?"],
    ),
    "unknown cluster": (
        "results", RESULTS + "baking,baker,20,1,2024,,invented\n",
        ["results.csv row 2, column cluster: “baker” stands in no row", "bakers?"],
    ),
    "a year to come too far": (
        "results", RESULTS + "baking,,20,1,2924,,invented\n",
        ["results.csv row 2, column year: “2924” is not a whole number from 1945 to 2100"],
    ),
    "nobody followed up": (
        "results", RESULTS + "baking,,0,0,2024,,invented\n",
        ["results.csv row 2, column followed: “0” is not a whole number from 1"],
    ),
    "a course that does not suit the cluster": (
        "results", RESULTS + "baking,coffee,5,1,2024,,invented\n",
        ["results.csv row 2, column item: “baking” does not suit the sector coffee"],
    ),
    "more than the cluster has": (
        "results", RESULTS + "roaster,coffee,11,1,2024,,invented\n",
        ["results.csv row 2, column followed: “11” is above the units of Coffee roasters: 10"],
    ),
    "numbers that are other units": (
        "results", RESULTS + "baking,,20,1,2024,1-3 5,invented\n",
        ["results.csv row 2, column numbers: “1-3 5” lists 4 units; followed is 20"],
    ),
    "numbers that are none": (
        "results", RESULTS + "baking,,20,1,2024,all,invented\n",
        ["results.csv row 2, column numbers: “all” is no list of numbers", "1-12 15"],
    ),
    "an item with itself": (
        "together", PAIRS + "roaster,roaster,coffee,0.7,invented\n",
        ["together.csv row 2, column second: “roaster” is the first item again"],
    ),
    "a pair the other way round": (
        "together",
        PAIRS + "roaster,roasting,coffee,0.7,invented\nroasting,roaster,coffee,0.7,invented\n",
        ["together.csv row 3, column first: “roasting” stands in row 2 already"],
    ),
    "a pair of which one does not suit": (
        "together", PAIRS + "roaster,baking,coffee,0.7,invented\n",
        ["together.csv row 2, column second: “baking” does not suit the sector coffee"],
    ),
    "less than one of them alone": (
        "together", PAIRS + "roaster,roasting,coffee,0.5,invented\n",
        ["together.csv row 2, column chance: “0.5” is below the chance of roaster alone, 0.6000"],
    ),
}  # fmt: skip


@pytest.fixture
def toy(tmp_path):
    for file in TOY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", BAD)
def test_bad_rows(toy, name):
    table, text, pieces = BAD[name]
    (toy / f"{table}.csv").write_text(text)
    found = faults_in(toy)
    assert len(found) == 1, found
    assert holds(found[0], pieces), found


def test_results_of_a_fact_change_nothing_and_are_named(toy):
    """So that nobody thinks that they count."""
    (toy / "results.csv").write_text(RESULTS + "baking,,20,1,2024,,invented\n")
    assert load(toy).course_success("baking") < 0.5
    sources = (toy / "sources.csv").read_text()
    (toy / "sources.csv").write_text(sources.replace("estimate", "fact"))
    assert load(toy).course_success("baking") == 0.5
    (warning,) = check(toy)
    assert holds(warning, ["results.csv row 2, column item: “baking” has a chance that is a fact"])
