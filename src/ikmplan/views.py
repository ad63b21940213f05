"""Every table for readers in one place, as notebooks and pages call them: `views.coverage(...)`.

Of a plan: `summary` (in short), `limits`, `certificate` and `lists` (who gets what). Of a
case: `inventory`. Of what the re-solves found: `answers`. Of the mathematics: `method`.
How a table is made and shown: `view`.
"""

from ikmplan.insight.tables import WAYS as WAYS
from ikmplan.insight.tables import baselines_table as baselines
from ikmplan.insight.tables import demands_table as demands
from ikmplan.insight.tables import fairness_table as fairness
from ikmplan.insight.tables import ladder_items as ladder_items
from ikmplan.insight.tables import ladder_table as ladder
from ikmplan.insight.tables import left_out_table as left_out
from ikmplan.insight.tables import next_step as next_step
from ikmplan.insight.tables import reasons_tables as reasons
from ikmplan.insight.tables import step_name as step_name
from ikmplan.insight.tables import steps as steps
from ikmplan.plan.plan import worst_off_cluster as worst_off
from ikmplan.report.certificate import certificate as certificate
from ikmplan.report.certificate import proven as proven
from ikmplan.report.certificate import value_is_units as value_is_units
from ikmplan.report.certificate import versions_table as versions
from ikmplan.report.input_tables import SOURCE_KINDS as SOURCE_KINDS
from ikmplan.report.input_tables import TABLES as TABLES
from ikmplan.report.input_tables import announced_table as announced
from ikmplan.report.input_tables import asked_table as asked
from ikmplan.report.input_tables import assumptions as assumptions
from ikmplan.report.input_tables import clusters as clusters
from ikmplan.report.input_tables import components as components
from ikmplan.report.input_tables import courses as courses
from ikmplan.report.input_tables import equipment as equipment
from ikmplan.report.input_tables import estimates as estimates
from ikmplan.report.input_tables import existing as existing
from ikmplan.report.input_tables import funds as funds
from ikmplan.report.input_tables import resources as resources
from ikmplan.report.input_tables import sources as sources
from ikmplan.report.input_tables import suits as suits
from ikmplan.report.key_figures import PER as PER
from ikmplan.report.key_figures import at_floor as at_floor
from ikmplan.report.key_figures import seats as seats
from ikmplan.report.key_figures import units_counted as units_counted
from ikmplan.report.limits import LIMIT_NAMES as LIMITS
from ikmplan.report.limits import LIMIT_UNITS as LIMIT_UNITS
from ikmplan.report.limits import limit_name as limit_name
from ikmplan.report.limits import limits_table as limits
from ikmplan.report.limits import year_limits as year_limits
from ikmplan.report.method import OBJECTIVE as OBJECTIVE
from ikmplan.report.method import RULE_KINDS as RULE_KINDS
from ikmplan.report.method import Formula as Formula
from ikmplan.report.method import objective_formula as objective
from ikmplan.report.method import rules as rules
from ikmplan.report.method import typeset as typeset
from ikmplan.report.names import package_name as package_name
from ikmplan.report.names import place as place
from ikmplan.report.names import ruling as ruling
from ikmplan.report.plan_tables import classes as classes
from ikmplan.report.plan_tables import costs as costs
from ikmplan.report.plan_tables import coverage_table as coverage
from ikmplan.report.plan_tables import drawn_at_random as drawn_at_random
from ikmplan.report.plan_tables import expected_at_random as expected_at_random
from ikmplan.report.plan_tables import invitations as invitations
from ikmplan.report.plan_tables import machines_table as machines
from ikmplan.report.plan_tables import money_by_fund as money_by_fund
from ikmplan.report.plan_tables import split_lines as split_lines
from ikmplan.report.summary import about as about
from ikmplan.report.summary import notes as notes
from ikmplan.report.summary import plan_headline as headline
from ikmplan.report.summary import plan_tiles as tiles
from ikmplan.report.summary import summary as summary
from ikmplan.show.table import Column as Column
from ikmplan.show.table import Points as Points
from ikmplan.show.table import Prose as Prose
from ikmplan.show.table import Tile as Tile
from ikmplan.show.table import Tiles as Tiles
from ikmplan.show.table import View as View
from ikmplan.show.table import plain_number as plain_number
