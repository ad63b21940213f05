"""Everything that the page of a plan shows of it, made again of its tables, to compare with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ikmplan import charts, views
from ikmplan.input.case import Case
from ikmplan.plan.plan import Plan
from ikmplan.show.chart import Chart
from ikmplan.show.table import View
from ikmplan.text import _


class PagePart(NamedTuple):
    """A part of the page: its name, a text by which its HTML is found, and its HTML."""

    name: str
    mark: str  # "": its words alone show whether it is there
    html: str


def page_parts(
    plan: Plan,
    case: Case,
    programme: Plan | None,
    nothing: Plan | None,
    insight: Any,
    reasons: list[View],
    others: Any = None,
    uncertainty: Any = None,
) -> Iterator[PagePart]:
    """What `notebooks/plan.ipynb` shows of the plan; parts of the reasons where there are any."""
    sheet = views.decision_sheet(plan, case, programme, insight, nothing, uncertainty)
    yield PagePart(_("Decision sheet"), 'class="ikmplan-sheet"', str(sheet._repr_html_()))
    paper = views.amendment_paper(others, case)
    if paper is not None:
        yield PagePart(paper.title, 'class="ikmplan-sheet amendment"', str(paper._repr_html_()))
    shown = [*_of_the_plan(plan, case, programme, nothing), *reasons]
    shown += _of_the_draws(plan, case, uncertainty)
    if insight is not None:
        shown += _of_the_reasons(plan, case, insight)
    for part in filter(None, shown):
        html = str(part._repr_html_())
        if isinstance(part, View):
            caption = re.search(r"<caption[^>]*>[^<]*</caption>", html)
            yield PagePart(part.caption, caption[0] if caption else "", html)
        elif html:
            title = part.title if isinstance(part, Chart) else words(html).strip()[:60]
            yield PagePart(title, "", html)


def _of_the_plan(plan: Plan, case: Case, programme: Plan | None, nothing: Plan | None) -> list[Any]:
    return [
        views.about(case),
        views.notes(plan, case, programme),
        views.units(plan, case, programme, nothing),
        charts.coverage(plan, case, programme),
        views.coverage(plan, case, programme),
        charts.coached(plan, case),
        charts.districts(plan, case),
        views.districts(plan, case, programme),
        views.opened(plan, case),
        views.classes(plan, case),
        charts.quarters(plan, case),
        charts.machines(plan, case),
        views.machines(plan, case),
        views.invitations(plan, case),
        views.drawn_at_random(plan, case),
        charts.money(plan, case),
        views.money_by_fund(plan, case),
        views.costs(plan, case),
        views.split_lines(plan, case),
        views.cash_plan(plan, case),
        views.indicators(plan, case),
        charts.limits(plan, case),
        views.limits(plan, case),
        views.limits(plan, case, binding=False),
        views.summary(plan, case, programme, nothing),
        views.asked(case),
        views.assumptions(case),
        views.chances(plan, case),
        views.package_chances(plan, case),
        views.dependence(plan, case),
        views.chance_sources(plan, case),
        views.estimates(plan, case),
        views.ranges(case),
        views.certainty(plan, case),
        views.certificate(plan, case),
        views.versions(plan),
        views.compliance(plan, case),
        views.price_checks(plan, case),
        views.sources(case),
    ]


def _of_the_draws(plan: Plan, case: Case, uncertainty: Any) -> list[Any]:
    shown: list[Any] = [views.how_sure(uncertainty, case)]
    if not views.has_draws(uncertainty):
        return shown
    shown += [charts.how_sure(uncertainty, case), charts.stability(uncertainty, case)]
    if case.scenario.caution:
        shown.append(charts.caution(uncertainty, case))
    return [*shown, *views.uncertainty(uncertainty, plan, case)]


def _of_the_reasons(plan: Plan, case: Case, insight: Any) -> list[Any]:
    """Beside the tables of `views.reasons`."""
    return [
        views.promises(insight, plan, case),
        views.next_step(insight, case),
        views.what_if_answers(insight, case),
        charts.baselines(insight, case),
        charts.ladder(insight, case),
        charts.fairness(insight, case),
    ]


def words(html: str) -> str:
    """The text of some HTML, with the alternative texts of its pictures."""
    text = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    text = re.sub(r'<[^>]*?(?:alt|aria-label)="([^"]*)"[^>]*>', r"\n\1\n", text)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"<[^>]*>", "\n", text))


def without_numbers(text: str) -> str:
    """The text with a 0 for each number: what two texts share that differ in a number only."""
    return re.sub(r"\d+(?:[.,]\d+)*", "0", text)
