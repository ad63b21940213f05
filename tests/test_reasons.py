"""Why there is no plan: smallest conflicts, how far each is off, and mends that mend."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import mends
import pytest
from small_cases import (
    bakery,
    cluster,
    course,
    fund,
    machine,
    machine_suit,
    small_case,
    suit,
    trainer,
    with_scenario,
)

from ikmplan import NoPlan, load, solve
from ikmplan.model import conflicts
from ikmplan.text import language

MEDAN = Path(__file__).parents[1] / "data" / "medan-2022"


def refusal(case) -> NoPlan:
    with pytest.raises(NoPlan) as caught:
        solve(case)
    return caught.value


def two_sentras(**scenario):
    """Two clusters of 20, one trainer: a class of 10 takes 6 days; each class reaches 5."""
    return small_case(
        scenario,
        clusters=[cluster("batik", 20), cluster("shoes", 20)],
        courses=[course(p, 10, 10, cost_class=10_000_000) for p in ("dyeing", "sewing")],
        course_suits=[suit("dyeing", "batik"), suit("sewing", "shoes")],
        course_uses=[{"course": p, "resource": "balai", "amount": 6} for p in ("dyeing", "sewing")],
        resources=[trainer("balai", 6, 6, 6, 0)],
        funds=[fund("apbd", 100_000_000)],
    )  # fmt: skip


def test_floors_that_need_more_trainer_days_than_there_are():
    """Half of 20 reached is two classes each: 4 · 6 = 24 days; Balai has 18."""
    none = refusal(two_sentras(floors={"batik": 0.5, "shoes": 0.5}))
    (conflict,) = none.conflicts
    assert [need.rule for need in conflict.needs] == ["resource_days", "floors_met", "floors_met"]
    text = str(none)
    assert "The floor of Batik (50.0%) and the floor of Shoes (50.0%) cannot be met" in text
    assert "Balai has only 18 days in the year" in text
    assert "Give Balai 24 days in the year." in text
    # one class reaches 5 of 20
    assert "Lower the floor of Batik to 25.0%." in text


def test_a_budget_too_small_for_a_target():
    """Three classes cost 30 million; 25 are there."""
    none = refusal(two_sentras(target_classes=3, budget=25_000_000))
    assert [need.rule for conflict in none.conflicts for need in conflict.needs] == [
        "within_budget",
        "targets_met",
    ]
    assert "Raise the budget to Rp30,000,000." in str(none)
    assert "Lower the target to 2 classes." in str(none)
    assert "Any one of these mends it:\n  - " in str(none)


def test_what_no_money_can_buy_states_it():
    """Every baker in the one course of chance 0.5: 10 of 20 at most."""
    none = refusal(two_sentras(floors={"batik": 0.6}))
    assert "The floor of Batik (60.0%) cannot be met at any price." in str(none)
    assert none.conflicts[0].needs[0].change == {"floors": {"batik": 0.5}}
    assert "at any price.\nThis mends it:\n  - Lower the floor of Batik to 50.0%." in str(none)


def test_a_fund_that_may_not_pay():
    """A lock on an oven of 40 million; DAK alone may pay for it and holds 30."""
    case = small_case(
        {"locks": ["oven >= 1"]},
        clusters=[cluster("bread", 5)],
        equipment=[machine("oven", price=40_000_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 100_000_000, "training"), fund("dak", 30_000_000, "equipment")],
    )
    none = refusal(case)
    assert "DAK holds only Rp30,000,000" in str(none)
    assert "Raise DAK by Rp10,000,000." in str(none)


@pytest.mark.parametrize(
    ("scenario", "rule"),
    [
        ({"locks": ["oven @ bread >= 2"]}, "floor_space_at_site"),
        ({"training_share_min": 1.0, "locks": ["oven >= 1"]}, "training_share"),
        ({"training_share_max": 0.0, "target_classes": 1}, "training_share"),
    ],
)
def test_each_limit_has_its_words(scenario, rule):
    """The bakery has 7 kVA and 10 m²; an oven takes 3.5 and 6."""
    plain = {
        "training_share_min": 0.0,
        "training_share_max": 1.0,
        "target_units": None,
        "target_classes": None,
    }
    case = bakery(**plain | {"floors": {}, "equity": 0, "locks": [], "budget": None} | scenario)
    none = refusal(case)
    needs = [need for conflict in none.conflicts for need in conflict.needs]
    assert rule in [need.rule for need in needs]
    assert all(need.words for need in needs)


def test_what_no_fund_may_pay_for():
    case = small_case(
        {"locks": ["oven >= 1"]},
        clusters=[cluster("bread", 5)],
        equipment=[machine("oven", price=1_000_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 10_000_000, "training")],
    )
    assert "no fund may pay for Oven" in str(refusal(case))


def test_power_that_is_not_there():
    """2 ovens of 3.5 kVA need 7; 5 are free."""
    case = small_case(
        {"locks": ["oven >= 2"]},
        clusters=[cluster("bread", 5, kva=5)],
        equipment=[machine("oven", kva=3.5)],
        equipment_suits=[machine_suit("oven", "bread")],
    )
    none = refusal(case)
    assert "Bread has only 5 kVA free" in str(none)
    assert "Give Bread 7 kVA." in str(none)


def test_every_mend_that_a_scenario_can_make_does_mend():
    """On the real case: apply each change alone, and there is a plan."""
    case = load(MEDAN, floors={"batik_tembung": 0.4}, budget=250_000_000, gap=0.02)
    changes = [
        n.change
        for conflict in refusal(case).conflicts
        for n in conflict.needs
        if n.fix and n.change
    ]
    assert len(changes) >= 2
    for change in changes:
        assert solve(with_scenario(case, **change)).proof.gap <= 0.02


def test_the_smallest_conflict_has_nothing_to_spare():
    """Without any one of its needs the rest can be kept: easy targets are not in it."""
    none = refusal(
        two_sentras(floors={"batik": 0.5, "shoes": 0.5}, target_classes=1, target_units=5)
    )
    assert {need.rule for need in none.conflicts[0].needs} == {"resource_days", "floors_met"}


def test_reasons_are_written_in_indonesian():
    with language("id"):
        text = str(refusal(two_sentras(floors={"batik": 0.5, "shoes": 0.5})))
    assert "cannot" not in text and "Lower" not in text
    assert "Balai" in text


def test_the_general_floor_is_one_requirement():
    none = refusal(two_sentras(floor=0.5))
    floors = [need for need in none.conflicts[0].needs if need.rule == "floors_met"]
    assert len(floors) == 1
    # 18 days hold 3 classes: one cluster gets one of them and reaches 5 of 20
    assert floors[0].change == {"floor": 0.25}


def test_money_that_lacks_ten_rupiah():
    """A class of 10,000,010 and a budget of 10,000,000: eleven million are enough, ten are not."""
    case = small_case(
        {"locks": ["baking >= 1"], "budget": 10_000_000},
        clusters=[cluster("bread", 5)],
        courses=[course("baking", 1, 5, cost_class=10_000_010)],
        course_suits=[suit("baking", "bread")],
    )
    (need,) = [n for n in refusal(case).conflicts[0].needs if n.rule == "within_budget"]
    assert need.change == {"budget": 11_000_000}
    assert solve(with_scenario(case, **need.change)).class_count == 1


def test_a_mend_that_is_not_all_states_it():
    """The oven lacks 10 million of DAK and 1 kVA: neither alone is enough."""
    case = small_case(
        {"locks": ["oven >= 1"]},
        clusters=[cluster("bread", 5, kva=2)],
        equipment=[machine("oven", price=40_000_000, kva=3)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 100_000_000, "training"), fund("dak", 30_000_000, "equipment")],
    )
    none = refusal(case)
    needs = [need for conflict in none.conflicts for need in conflict.needs]
    assert [need.rule for need in needs if need.alone] == ["locks_kept"]
    assert "though not all that is in the way" in str(none)


def test_a_fund_raised_takes_the_budget_along():
    """APBD 20, DAK 30, budget 50 million: an oven of 40 needs 10 more of DAK, and 60 in all."""
    case = small_case(
        {"locks": ["oven >= 1"], "budget": 50_000_000},
        clusters=[cluster("bread", 5)],
        equipment=[machine("oven", price=40_000_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("apbd", 20_000_000, "training"), fund("dak", 30_000_000, "equipment")],
    )
    (need,) = [n for n in refusal(case).conflicts[0].needs if n.rule == "funds_cover"]
    assert need.change == {"funds": {"dak": 40_000_000}, "budget": 60_000_000}
    assert solve(with_scenario(case, **need.change)).machine_count == 1


@pytest.mark.parametrize("lack", [1, 2, 5, 9])
def test_a_conflict_of_a_few_rupiah_has_its_reason(lack):
    """A class of 10 million and a rupiah: the solver's tolerance may hide that it is too much."""
    case = small_case(
        {"locks": ["baking >= 1"], "budget": 10_000_000},
        clusters=[cluster("bread", 5)],
        courses=[course("baking", 1, 5, cost_class=10_000_000 + lack)],
        course_suits=[suit("baking", "bread")],
    )
    (conflict,) = refusal(case).conflicts
    changes = {need.rule: need.change for need in conflict.needs}
    assert changes == {"within_budget": {"budget": 11_000_000}, "locks_kept": {"locks": ()}}


def test_a_budget_is_raised_no_further_than_the_funds_hold():
    """A class of 10,400,000 needs 11 whole million; the funds hold 10,500,000, which is enough."""
    case = small_case(
        {"locks": ["baking >= 1"], "budget": 10_000_000},
        clusters=[cluster("bread", 5)],
        courses=[course("baking", 1, 5, cost_class=10_400_000)],
        course_suits=[suit("baking", "bread")],
        funds=[fund("apbd", 10_500_000)],
    )
    (need,) = [n for n in refusal(case).conflicts[0].needs if n.rule == "within_budget"]
    assert need.alone and need.change == {"budget": 10_500_000}


def test_words_for_one_and_for_several():
    """A class of Rp10 juta from two funds of 3 and 4; one unit of ten wants it."""
    case = small_case(
        {"target_units": 2},
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 1, 10, cost_class=10_000_000)],
        course_suits=[suit("baking", "bread", interest=0.1)],
        funds=[fund("apbd", 3_000_000), fund("dak", 4_000_000)],
    )
    assert "Baking is wanted by only 1 unit of Bread" in str(refusal(case))
    (conflict,) = refusal(with_scenario(case, target_units=1)).conflicts
    words = [need.words for need in conflict.needs]
    assert words == ["APBD and DAK together hold only Rp7,000,000", "the target of 1 unit"]


def test_a_fund_is_raised_no_further_than_all_its_limits_need():
    """An oven of 40 million that DAK alone may pay for; DAK has 30, APBD 5 and a lock on a class
    of 8. Together 48 of 35 are missing 13; ten of them DAK lacks by itself: 13 more of DAK do."""
    case = small_case(
        {"locks": ["oven >= 1", "baking >= 1"]},
        clusters=[cluster("bread", 5)],
        courses=[course("baking", 1, 5, cost_class=8_000_000)],
        course_suits=[suit("baking", "bread")],
        equipment=[machine("oven", price=40_000_000)],
        equipment_suits=[machine_suit("oven", "bread")],
        funds=[fund("dak", 30_000_000), fund("apbd", 5_000_000, "training")],
    )
    needs = [n for c in refusal(case).conflicts for n in c.needs if n.rule == "funds_cover"]
    assert [need.change for need in needs if need.alone] == [{"funds": {"dak": 43_000_000}}]


def test_a_fix_that_is_not_proven_to_be_the_least_states_it(monkeypatch):
    """Found in no time but for a first plan, which is enough; a smaller change might be."""
    search = conflicts.Model.search

    def stopped(self, *args, **options):
        found = search(self, *args, **options)
        return replace(found, finished=False, bound=0.0) if "on_better" in options else found

    monkeypatch.setattr(conflicts.Model, "search", stopped)
    none = refusal(two_sentras(target_classes=3, budget=25_000_000))
    fixes = [need.fix for need in none.conflicts[0].needs]
    assert "Raise the budget to Rp30,000,000. (About: a smaller change may be enough.)" in fixes


def key_of(case, need) -> tuple[str, str]:
    """Rule and key of a requirement, as tests/mends.py names it."""
    names = {case.name(key): key for key in (*case.clusters, *case.resources, *case.equipment)}
    if need.rule == "floors_met":
        return need.rule, next((key for name, key in names.items() if name in need.words), "")
    if need.rule == "within_budget":
        return need.rule, ""
    if need.rule == "funds_cover":
        raised = (need.change or {}).get("funds") or ["apbd" if "APBD" in need.words else "dak"]
        return need.rule, next(iter(raised))
    return need.rule, next(key for name, key in names.items() if name in need.words)


def amount_of_fix(case, need) -> float:
    """The number in the fix."""
    rule, key = key_of(case, need)
    if rule == "within_budget":
        return need.change["budget"]
    if rule == "funds_cover":
        return need.change["funds"][key]
    if rule == "floors_met":
        return need.change["floors"][key] if key else need.change["floor"]
    return float(re.search(r"(\d[\d.]*)(?= (days|kVA|m²|of))", need.fix)[1])


def mends_are_least(seed: int) -> bool:
    """Every fix of a random case that is marked as enough is the least; False with a plan."""
    case = mends.tiny_case(seed)
    least = mends.least_mends(case)
    if least is None:
        assert solve(case).proof.status == "proven"
        return False
    none = refusal(case)
    assert none.conflicts, seed
    for need in (need for conflict in none.conflicts for need in conflict.needs):
        key = key_of(case, need)
        if not need.alone or not need.fix:
            assert key not in least or key[0] == "machines_in_stock", (seed, need)
            continue
        assert amount_of_fix(case, need) == pytest.approx(
            mends.stated_amount(case, key, least[key])
        ), (seed, need)
        if need.change:
            solve(with_scenario(case, **need.change))
    money = least.get(("within_budget", ""))
    if money:  # all but one rupiah of what is enough
        short = with_scenario(case, budget=round(case.budget + money) - 1)
        fixes = [n for c in refusal(short).conflicts for n in c.needs if n.rule == "within_budget"]
        assert [amount_of_fix(short, need) for need in fixes if need.alone] == [
            mends.stated_amount(short, ("within_budget", ""), 1)
        ], seed
    return True


def test_every_mend_works_and_is_the_least():
    """Against trying everything, see tests/mends.py."""
    assert sum(map(mends_are_least, range(10))) >= 5


@pytest.mark.slow
def test_every_mend_works_and_is_the_least_in_many_small_cases():
    assert sum(map(mends_are_least, range(10, 520))) >= 320


def crowded_mends(seed: int) -> int | None:
    """How many fixes of a case with every kind of limit are enough alone; None where it has a
    plan, or is no case. Each is one with which there is a plan, and a step less is not."""
    case = mends.crowded_case(seed)
    try:
        if case is None or solve(case):
            return None
    except NoPlan as none:
        assert none.conflicts, seed
        needs = [need for conflict in none.conflicts for need in conflict.needs]
    tried = [need for need in needs if need.alone and need.change]
    for need in tried:
        solve(with_scenario(case, **need.change))
        smaller = [] if "About" in need.fix else mends.smaller_changes(case, need.change)
        for change in smaller:
            with pytest.raises(NoPlan):
                solve(with_scenario(case, **change))
    return len(tried)


def test_every_mend_of_every_kind_of_limit_works_and_is_the_least():
    """Own limits, closed quarters, at least n of m, earmarks, floors with equity, openings."""
    assert len([n for n in map(crowded_mends, range(8)) if n is not None]) >= 3


@pytest.mark.slow
def test_every_mend_of_every_kind_works_and_is_the_least_in_many_cases():
    found = [n for n in map(crowded_mends, range(8, 150)) if n is not None]
    assert len(found) >= 60 and sum(found) >= 50
