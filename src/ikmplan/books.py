"""The plan and the input tables, joined by pandas in the ways that the audit needs.

Nothing here comes from the model: chances, costs and hours are worked out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ikmplan.cells import CITY, TRAINING
from ikmplan.scenario import Scenario
from ikmplan.tables import ROWS, Tables

Frame = Any  # a data frame or series: pandas' stubs lose their way in groupby and merge


@dataclass(frozen=True)
class Books:
    """The plan and the tables, joined in the ways that the checks need."""

    plan: Any  # a Plan, whose tables are frames
    tables: Tables
    scenario: Scenario

    def table(self, name: str) -> Frame:
        rows = getattr(self.tables, name)
        if not rows:
            return pd.DataFrame(columns=list(ROWS[name].model_fields))
        return pd.DataFrame([row.model_dump() for row in rows])

    @cached_property
    def clusters(self) -> Frame:
        made = self.table("clusters").set_index("cluster")
        made["size"] = made["units"] - made["reached_before"]
        # Python rounds halves to even, as does numpy: the same number of young people
        made["young"] = [
            round(n * share) for n, share in zip(made["size"], made["young_share"], strict=True)
        ]
        return made

    @cached_property
    def courses(self) -> Frame:
        return self.table("courses").set_index("course")

    @cached_property
    def equipment(self) -> Frame:
        return self.table("equipment").set_index("equipment")

    @cached_property
    def existing(self) -> Frame:
        return self.table("existing")

    @cached_property
    def held(self) -> Frame:
        """course, host -> classes in the year, with the course's columns."""
        held = self.plan.classes.groupby(["course", "host"], as_index=False)["classes"].sum()
        return held.join(self.courses, on="course")

    @cached_property
    def seats(self) -> Frame:
        """The seats with the host of their course."""
        seats = self.plan.seats.join(self.courses[["scope"]], on="course")
        seats["host"] = seats["cluster"].where(seats["scope"] != CITY, CITY)
        return seats

    @cached_property
    def filled(self) -> Frame:
        """Each course and host with its classes and the seats taken in them."""
        both: Frame = pd.concat([self.seats, self.held])[["course", "host", "seats", "classes"]]
        sums = both.groupby(["course", "host"], as_index=False)[["seats", "classes"]].sum()
        return sums.join(self.courses, on="course")

    @cached_property
    def items(self) -> Frame:
        """One row for each unit group and each course or machine in its package."""
        units = self.plan.units.join(
            self.clusters[["sector", "kind", "size", "young"]], on="cluster"
        )
        units["item"] = units["package"].str.split("+")
        return units.explode("item")

    @cached_property
    def machine_hours(self) -> Frame:
        """cluster, equipment -> hours used, under the host of the machine."""
        suits = self.table("equipment_suits").rename(columns={"equipment": "item"})
        used = self.items.merge(suits[["item", "sector", "hours"]], on=["item", "sector"])
        used["used"] = used["hours"] * used["units"]
        used = used.join(self.equipment[["scope"]], on="item")
        used["host"] = used["cluster"].where(used["scope"] != CITY, CITY)
        return used.groupby(["item", "host"], as_index=False)["used"].sum()

    def cost(self, kind: str | None = None) -> int:
        """Rupiah, from prices and counts; not from the plan's own lines."""
        factor = self.scenario.price_factor
        held = self.held["classes"] * (self.held["cost_class"] * factor).round()
        seated = self.plan.seats.join(self.courses[["cost_person"]], on="course")
        seats = seated["seats"] * (seated["cost_person"] * factor).round()
        placed = self.plan.machines.join(self.equipment[["price"]], on="equipment")
        machines = placed["machines"] * (placed["price"] * factor).round()
        training = int(held.sum()) + int(seats.sum())
        return training if kind == TRAINING else training + int(machines.sum())

    @cached_property
    def amounts(self) -> dict[str, int]:
        return {
            row.fund: self.scenario.funds.get(row.fund, row.amount) for row in self.tables.funds
        }

    @cached_property
    def chances(self) -> Frame:
        """For each row of `plan.units`, the chance recomputed from the tables."""
        courses = self.table("course_suits").rename(columns={"course": "item"})
        courses["success"] = courses["relevance"] * courses["item"].map(self.courses["success"])
        machines = self.table("equipment_suits").rename(columns={"equipment": "item"})
        both = pd.concat([t[["item", "sector", "success"]] for t in (courses, machines)])
        joined = self.items.reset_index().merge(both, on=["item", "sector"], how="left")
        joined["missed"] = 1 - joined["success"].fillna(0.0)
        return 1 - joined.groupby("index")["missed"].prod()

    @cached_property
    def reached(self) -> Frame:
        """cluster -> expected units reached, recomputed."""
        made = self.plan.units["units"] * self.chances.reindex(self.plan.units.index)
        return (
            made.groupby(self.plan.units["cluster"])
            .sum()
            .reindex(self.clusters.index, fill_value=0.0)
        )

    @property
    def worst(self) -> float:
        """The smallest coverage of an IKM cluster that something suits and nothing excludes."""
        s = self.scenario
        suits = pd.concat(
            [
                self.table("course_suits")
                .query("relevance > 0")
                .rename(columns={"course": "item"}),
                self.table("equipment_suits")
                .query("success > 0")
                .rename(columns={"equipment": "item"}),
            ]
        )[["item", "sector"]]
        suits = suits.merge(
            self.clusters.reset_index()[["cluster", "sector", "kind", "size", "young"]]
        )
        young_only = suits["item"].isin(c.course for c in self.tables.courses if c.young_only)
        useless = suits["item"].isin(c.course for c in self.tables.courses if not c.success)
        allowed = suits["size"].where(~young_only, suits["young"]).gt(0) & ~useless
        if s.courses_per_unit == 0:
            allowed &= ~suits["item"].isin(self.courses.index)
        if s.equipment_per_unit == 0:
            allowed &= ~suits["item"].isin(self.equipment.index)
        for x in s.parsed_exclusions():
            hit = (suits["item"].eq(x.item) | (x.item is None)) & (
                suits["cluster"].eq(x.cluster) | (x.cluster is None)
            )
            allowed &= ~hit
        reachable = suits[allowed & suits["kind"].eq("ikm")]["cluster"].unique()
        shares = self.reached[list(reachable)] / self.clusters.loc[list(reachable), "size"]
        return float(shares.min()) if len(shares) else 0.0
