"""Every table of a comparison in one place, as the notebook calls them: `compare_views.gains(...)`.

In short: `compare.summary`. Who gains, what is chosen, what is broken: `compare.tables`.
"""

from ikmplan.compare.summary import asked_differences as asked
from ikmplan.compare.summary import comparison_headline as headline
from ikmplan.compare.summary import differences, proofs, warnings
from ikmplan.compare.summary import figures_table as figures
from ikmplan.compare.summary import left_out_scenarios as left_out
from ikmplan.compare.tables import broken, kept, robust
from ikmplan.compare.tables import chosen_table as chosen
from ikmplan.compare.tables import gains_table as gains
