"""Small cases whose plans can be worked out by hand, and small random ones."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from cities import random_city, tables

from ikmplan.input.case import Case
from ikmplan.input.load import make_case
from ikmplan.input.rows import Fund
from ikmplan.input.scenario import Scenario, make_scenario

PLENTY = 10**9  # of money, days, kVA, m²


def cluster(key: str, units: int, **other: Any) -> dict[str, Any]:
    row = {
        "cluster": key, "name": key.title(), "kind": "ikm", "sector": key, "district": "d",
        "units": units, "young_share": 0, "weight": 1, "kva": PLENTY, "floor_m2": PLENTY,
        "reached_before": 0,
    }  # fmt: skip
    return row | other


def course(key: str, low: int, high: int, **other: Any) -> dict[str, Any]:
    row = {
        "course": key, "name": key.title(), "class_min": low, "class_max": high, "days": 5,
        "cost_class": 0, "cost_person": 0, "success": 0.5, "young_only": False, "scope": "cluster",
    }  # fmt: skip
    return row | other


def machine(key: str, **other: Any) -> dict[str, Any]:
    row = {
        "equipment": key, "name": key.title(), "price": 0, "hours": 100, "availability": 1,
        "kva": 0, "floor_m2": 0, "operators": 0, "operator_course": "", "stock": 99,
        "scope": "cluster",
    }  # fmt: skip
    return row | other


def suit(course: str, sector: str, relevance: float = 1, **other: Any) -> dict[str, Any]:
    return {"course": course, "sector": sector, "relevance": relevance} | other


def machine_suit(
    equipment: str, sector: str, hours: float = 50, success: float = 0.5, **other: Any
) -> dict[str, Any]:
    return {"equipment": equipment, "sector": sector, "hours": hours, "success": success} | other


def use(course: str, resource: str, amount: float, **other: Any) -> dict[str, Any]:
    return {"course": course, "resource": resource, "amount": amount} | other


def trainer(key: str, *days: float) -> dict[str, Any]:
    quarters = dict(zip(("q1", "q2", "q3", "q4"), days, strict=True))
    return {"resource": key, "name": key.title(), "kind": "trainer", **quarters}


def fund(key: str, amount: int, pays: str = "training equipment") -> dict[str, Any]:
    return {"fund": key, "name": key.upper(), "amount": amount, "pays": pays}


def small_case(scenario: dict[str, Any] | None = None, **rows: list[dict[str, Any]]) -> Case:
    """A case of these rows; money is plenty unless `funds` states otherwise."""
    rows.setdefault("funds", [fund("apbd", PLENTY)])
    return make_case(tables(**rows), make_scenario({"gap": 0} | (scenario or {})))


def with_scenario(case: Case, **fields: Any) -> Case:
    return make_case(case.tables, case.scenario.changed(**fields))


def one_cluster() -> Case:
    return small_case(
        clusters=[cluster("bread", 10)],
        courses=[course("baking", 2, 10, cost_class=3_000_000)],
        course_suits=[suit("baking", "bread")],
    )


def bakery(**scenario: Any) -> Case:
    """Two bakers' clusters, one course each way of sharing it, an oven, a course for the young.

    It has a row of every rule, so its rows are the golden ones.
    """
    asked = {
        "budget": 90_000_000, "training_share_min": 0.2, "training_share_max": 0.8,
        "target_units": 3, "target_classes": 1, "floors": {"bread": 0.1}, "equity": 0.25,
        "locks": ["oven @ bread >= 1"], "limits": ["money oven @ bread <= 60000000"],
    }  # fmt: skip
    return small_case(
        asked | scenario,
        clusters=[
            cluster("bread", 12, young_share=0.25, kva=7, floor_m2=10, reached_before=2),
            cluster("cake", 8, weight=2),
        ],
        courses=[
            course("baking", 4, 6, cost_class=10_000_000, cost_person=500_000, success=0.4),
            course("selling", 5, 10, cost_class=6_000_000, scope="city", success=0.3),
            course("video", 2, 3, young_only=True, cost_class=2_000_000, success=0.2, each_max=2),
            course("running", 2, 4, cost_class=1_000_000, success=0.5),
        ],
        course_uses=[
            {"course": "baking", "resource": "balai", "amount": 5},
            {"course": "selling", "resource": "balai", "amount": 3},
        ],
        course_suits=[
            suit("baking", "bread"), suit("baking", "cake", 0.5), suit("selling", "bread"),
            suit("selling", "cake"), suit("video", "bread", interest=0.35),
            suit("running", "bread", 0.1),
        ],
        equipment=[
            machine("oven", price=30_000_000, hours=200, availability=0.9, kva=3.5, floor_m2=6,
                    operators=2, operator_course="running", stock=3),
        ],
        equipment_suits=[machine_suit("oven", "bread", 60)],
        resources=[trainer("balai", 5, 10, 10, 0)],
        funds=[fund("apbd", 60_000_000), fund("dak", 50_000_000, "equipment running")],
        existing=[{"equipment": "oven", "cluster": "bread", "machines": 1, "operators": 1}],
    )  # fmt: skip


def opening(key: str, kind: str = "equipment", **other: Any) -> dict[str, Any]:
    row = {"opening": key, "name": key.title(), "kind": kind, "cost_open": 0, "kva": PLENTY,
           "floor_m2": PLENTY}  # fmt: skip
    return row | other


def leather(**scenario: Any) -> Case:
    """Shoemakers and a leather centre: what is opened, a line of two machines, an idle lathe.

    It has a row of every rule about these, so its rows are the golden ones.
    """
    asked = {"budget": 95_000_000, "training_share_min": 0.1, "locks": ["centre = 1"]} | scenario
    return small_case(
        asked,
        clusters=[cluster("shoes", 10, kva=3, floor_m2=10), cluster("bags", 6)],
        courses=[
            course("cutting", 2, 4, scope="city", cost_class=4_000_000, success=0.5),
            course("design", 3, 5, scope="city", cost_class=6_000_000, opening="partner"),
        ],
        course_suits=[suit("cutting", "shoes", 0.1), suit("design", "bags", 0.8)],
        course_uses=[{"course": "cutting", "resource": "studio", "amount": 2}],
        resources=[trainer("studio", 0, 0, 3, 3) | {"opening": "centre"}],
        equipment=[
            machine("press", scope="city", opening="centre", price=20_000_000, kva=4, floor_m2=5,
                    operators=1, operator_course="cutting", stock=2),
            machine("drum", scope="city", opening="centre", price=10_000_000, hours=80, kva=6,
                    floor_m2=9, operators=1, operator_course="cutting", stock=2),
            machine("lathe", price=15_000_000, stock=1),
        ],
        equipment_suits=[
            machine_suit("press", "shoes", 20, 0.5) | {"line": "finish"},
            machine_suit("drum", "shoes", 16, 0.5) | {"line": "finish"},
            machine_suit("press", "bags", 10, 0.3),
            machine_suit("lathe", "shoes", 50, 0.2),
        ],
        openings=[
            opening("centre", cost_open=30_000_000, cost_year=5_000_000, kind_year="training",
                    kva=15, floor_m2=20),
            opening("partner", "training", cost_open=8_000_000, cost_year=2_000_000, there=True),
        ],
        existing=[{"equipment": "lathe", "cluster": "shoes", "machines": 0, "operators": 0,
                   "idle": 2, "revive": 3_000_000}],
        funds=[fund("apbd", 40_000_000), fund("dak", 60_000_000, "equipment cutting")],
    )  # fmt: skip


def city_of_overlapping_funds(seed: int, r: Random, gap: float) -> Case:
    """The random city of a seed, with 3 clusters, and five random funds, each for some of it."""
    made = random_city(seed, 3, 4, 2)
    keys = [*made.by_key["courses"], *made.by_key["equipment"], "training", "equipment"]
    funds = tuple(
        Fund(fund=f"f{n}", name="F", amount=r.randint(5, 60) * 1_000_000, source="made_up",
             pays=" ".join(r.sample(keys, r.randint(1, 3))))
        for n in range(5)
    )  # fmt: skip
    return make_case(replace(made, funds=funds), Scenario(gap=gap))
