"""The charts of the comparison notebook, as it calls them."""

from ikmplan.compare.charts import chosen_chart as chosen
from ikmplan.compare.charts import gains_chart as gains
from ikmplan.compare.charts import money_chart_of_scenarios as money
from ikmplan.compare.heat_charts import clusters_of_sweep as clusters
from ikmplan.compare.heat_charts import grid_of_sweep as grid
from ikmplan.compare.heat_charts import panels_of_sweep as panels
