"""Every chart in one place, as notebooks call them: `charts.coverage(plan, case)`."""

from ikmplan.alternatives.figures import way_chart as way
from ikmplan.insight.charts import baselines_chart as baselines
from ikmplan.insight.charts import fairness_chart as fairness
from ikmplan.insight.charts import ladder_chart as ladder
from ikmplan.report.charts import coached_chart as coached
from ikmplan.report.charts import coverage_chart as coverage
from ikmplan.report.charts import district_chart as districts
from ikmplan.report.charts import limits_chart as limits
from ikmplan.report.charts import machines_chart as machines
from ikmplan.report.charts import money_chart as money
from ikmplan.report.charts import quarters_chart as quarters
from ikmplan.uncertainty.caution import caution_chart as caution
from ikmplan.uncertainty.charts import range_chart as how_sure
from ikmplan.uncertainty.charts import stability_chart as stability
