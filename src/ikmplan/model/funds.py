"""Which costs funds can pay, where each cost may be paid by some of them only."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, TypeVar

from ikmplan.plan.derive import FLOW_SINK, FLOW_SOURCE

MOST_UNIONS = 64  # of funds; where there are more, money of each fund is a variable instead
Member = TypeVar("Member", str, int)


def unpaid(costs: Mapping[frozenset[str], int], amounts: Mapping[str, int]) -> int:
    """Rupiah of the costs that no fund can pay, where each is paid by some of the funds that may.

    What is left by a largest flow from the costs to the funds: however many funds there are and
    however they overlap, it takes a moment.
    """
    import networkx as nx
    from networkx.algorithms.flow import edmonds_karp  # the fastest of them for a few funds

    graph: Any = nx.DiGraph()
    graph.add_nodes_from((FLOW_SOURCE, FLOW_SINK))
    for payers, cost in costs.items():
        graph.add_edge(FLOW_SOURCE, payers, capacity=cost)
        graph.add_edges_from((payers, f) for f in payers)  # without a capacity: no limit
    for f, amount in amounts.items():
        graph.add_edge(f, FLOW_SINK, capacity=amount)
    paid = nx.maximum_flow_value(graph, FLOW_SOURCE, FLOW_SINK, flow_func=edmonds_karp)
    return sum(costs.values()) - int(paid)


def unions(payers: set[frozenset[Member]], most: float = inf) -> list[frozenset[Member]]:
    """The payer sets, and every union of them that hangs together; small ones first.

    By Hall's theorem limits on all unions are enough: no variable is needed for the money that
    each fund gives each item. Where a union falls into parts without a common payer set, its
    limit is the sum of those of its parts, so that it adds nothing. Where there are more
    than `most`, some are missing.
    """
    found = set(payers)
    waiting = list(found)
    while waiting and len(found) <= most:
        funds = waiting.pop()
        more = {funds | paid for paid in payers if funds & paid} - found
        found |= more
        waiting += more
    return sorted(found, key=lambda funds: (len(funds), sorted(funds)))
