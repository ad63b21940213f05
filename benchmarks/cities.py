"""Random cities of a real city's size, for benchmarks and for laws that must hold anywhere.

`random_city(seed)` has 12 clusters, 20 courses, 6 kinds of equipment and 4 quarters;
`random_city(seed, 2, 2, 1)` is small enough to be solved by trying everything.
"""

from __future__ import annotations

import random
from typing import Any

from ikmplan.input.tables import ROWS, Tables


def tables(**rows: list[dict[str, Any]]) -> Tables:
    """`Tables` from plain rows, validated; every row's source is `made_up` unless it states one."""
    made: dict[str, Any] = {}
    rows.setdefault(
        "sources",
        [{"source": "made_up", "citation": "made up", "url": "", "year": 2026, "kind": "estimate"}],
    )
    for name, row_type in ROWS.items():
        source = {} if name == "sources" else {"source": "made_up"}
        made[name] = tuple(row_type.model_validate(source | row) for row in rows.get(name, []))
    return Tables(path="made up", **made)


def random_city(seed: int, clusters: int = 12, courses: int = 20, equipment: int = 6) -> Tables:
    """A city whose budget, trainers, halls, power and stock all bind somewhere."""
    r = random.Random(seed)
    sectors = [f"s{n}" for n in range(max(1, clusters * 3 // 4))]
    small = clusters <= 3
    cluster_rows = [
        {
            "cluster": f"c{n}", "name": f"Cluster {n}", "kind": "ikm", "district": "d",
            "sector": sectors[n % len(sectors)],
            "units": r.randint(3, 6) if small else r.randint(40, 160),
            "young_share": r.choice([0.2, 0.3, 0.4, 0.5]), "weight": 1,
            "kva": r.randint(2, 25), "floor_m2": r.randint(8, 60), "reached_before": 0,
        }
        for n in range(clusters)
    ]  # fmt: skip
    course_rows = []
    for n in range(courses):
        low = r.randint(2, 3) if small else r.choice([10, 12, 15, 20])
        course_rows.append({
            "course": f"p{n}", "name": f"Course {n}", "class_min": low,
            "class_max": low + (r.randint(0, 2) if small else r.choice([5, 10, 15])),
            "days": r.randint(2, 15), "cost_class": r.randint(15, 70) * 1_000_000,
            "cost_person": r.randint(3, 18) * 100_000, "success": round(r.uniform(0.15, 0.45), 2),
            "young_only": r.random() < 0.1, "scope": "city" if r.random() < 0.25 else "cluster",
        })  # fmt: skip
    equipment_rows = [
        {
            "equipment": f"e{n}", "name": f"Machine {n}", "price": r.randint(15, 120) * 1_000_000,
            "hours": r.choice([1000, 1500, 2000]), "availability": r.choice([0.7, 0.8, 0.9]),
            "kva": r.choice([0, 1.5, 3, 5.5]), "floor_m2": r.choice([4, 6, 10]),
            "operators": r.choice([0, 1, 2]), "operator_course": f"p{r.randrange(courses)}",
            "stock": r.randint(2, 10), "scope": "cluster",
        }
        for n in range(equipment)
    ]  # fmt: skip
    suits = [
        {"course": f"p{n}", "sector": s, "relevance": round(r.uniform(0.3, 1), 2)}
        for n in range(courses)
        for s in sectors
        if r.random() < (0.8 if small else 0.3)
    ]
    equipment_suits = [
        {
            "equipment": f"e{n}",
            "sector": s,
            "hours": r.randint(60, 300),
            "success": round(r.uniform(0.3, 0.6), 2),
        }
        for n in range(equipment)
        for s in sectors
        if r.random() < (0.8 if small else 0.3)
    ]
    resource_rows = [
        {
            "resource": name,
            "name": name,
            "kind": kind,
            **{f"q{q}": r.randint(5, 12) if small else r.randint(15, 60) for q in (1, 2, 3, 4)},
        }
        for name, kind in (
            ("balai", "trainer"),
            ("office", "trainer"),
            ("campus", "trainer"),
            ("hall", "hall"),
        )
    ]
    uses = []
    for n, row in enumerate(course_rows):
        uses.append(
            {
                "course": f"p{n}",
                "resource": r.choice(["balai", "office", "campus"]),
                "amount": row["days"],
            }
        )
        if r.random() < 0.6:
            uses.append({"course": f"p{n}", "resource": "hall", "amount": row["days"]})
    scale = 200 if small else 1500
    funds = [
        {
            "fund": "apbd",
            "name": "APBD",
            "amount": r.randint(scale // 2, scale) * 1_000_000,
            "pays": "training equipment",
        },
        {
            "fund": "dak",
            "name": "DAK",
            "amount": r.randint(scale // 3, scale) * 1_000_000,
            "pays": "equipment",
        },
    ]
    return tables(
        clusters=cluster_rows, courses=course_rows, course_uses=uses, course_suits=suits,
        equipment=equipment_rows, equipment_suits=equipment_suits, resources=resource_rows,
        funds=funds,
    )  # fmt: skip
