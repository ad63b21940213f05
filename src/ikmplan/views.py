"""Every table for readers in one place, as notebooks and pages call them: `views.coverage(...)`.

Of a plan and its case: `report`. Of what the re-solves found: `insight`. Of the draws:
`uncertainty`. What else could be done: `alternatives`. How a table is made: `show/table.py`.
"""

from ikmplan.alternatives.figures import amendment_paper
from ikmplan.alternatives.found import decisions_of_plan as near
from ikmplan.alternatives.tables import cost_table as costs_at_least
from ikmplan.alternatives.tables import saved_plans, similar_text
from ikmplan.alternatives.tables import shared_table as shared
from ikmplan.alternatives.tables import similar_table as similar
from ikmplan.alternatives.way_tables import nested_way as nested
from ikmplan.alternatives.way_tables import own_way
from ikmplan.alternatives.way_tables import way_table as way
from ikmplan.insight.tables import baselines_table as baselines
from ikmplan.insight.tables import demands_table as demands
from ikmplan.insight.tables import fairness_table as fairness
from ikmplan.insight.tables import ladder_items, next_step, steps
from ikmplan.insight.tables import ladder_table as ladder
from ikmplan.insight.tables import left_out_table as left_out
from ikmplan.insight.tables import promises_table as promises
from ikmplan.insight.tables import reasons_tables as reasons
from ikmplan.insight.what_if_table import what_if_answers
from ikmplan.insight.what_if_table import what_if_table as what_if
from ikmplan.report.cash_plan import cash_plan
from ikmplan.report.certificate import certainty, certificate
from ikmplan.report.certificate import versions_table as versions
from ikmplan.report.chances import chance_sources, chances, dependence, package_chances
from ikmplan.report.compliance import compliance_table as compliance
from ikmplan.report.compliance import price_check_table as price_checks
from ikmplan.report.counting import units_table as units
from ikmplan.report.decision_sheet import decision_sheet
from ikmplan.report.estimates import assumptions, estimates
from ikmplan.report.indicators import indicators_table as indicators
from ikmplan.report.input_tables import announced_table as announced
from ikmplan.report.input_tables import asked_table as asked
from ikmplan.report.input_tables import (
    clusters,
    components,
    courses,
    equipment,
    existing,
    funds,
    lines,
    openings,
    resources,
    sources,
    suits,
)
from ikmplan.report.limits import limits_table as limits
from ikmplan.report.method import objective_formula as objective
from ikmplan.report.method import rules
from ikmplan.report.model_table import bounds_table as bounds
from ikmplan.report.model_table import changed_rows, model_objective, model_rows, more_money
from ikmplan.report.openings import openings_table as opened
from ikmplan.report.plan_tables import (
    classes,
    costs,
    districts,
    drawn_at_random,
    invitations,
    money_by_fund,
    split_lines,
)
from ikmplan.report.plan_tables import coverage_table as coverage
from ikmplan.report.plan_tables import machines_table as machines
from ikmplan.report.summary import about, notes, summary
from ikmplan.report.summary import plan_headline as headline
from ikmplan.report.summary import plan_tiles as tiles
from ikmplan.report.sureness import has_draws
from ikmplan.uncertainty.caution import caution_table as caution
from ikmplan.uncertainty.tables import information_table as check_first
from ikmplan.uncertainty.tables import kept_table as kept
from ikmplan.uncertainty.tables import ranges_table as ranges
from ikmplan.uncertainty.tables import stability_table as stability
from ikmplan.uncertainty.tables import sureness as how_sure
from ikmplan.uncertainty.tables import uncertainty_tables as uncertainty
