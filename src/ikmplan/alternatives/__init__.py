"""What else could be done: the way from a given plan, other plans as good, the cheapest.

`alternatives(plan, case, given_plan("announced", case))` finds all of it; `save_plans` writes
each of its plans as a scenario file that gives the same plan again.
"""

from ikmplan.alternatives.found import alternatives as alternatives
from ikmplan.alternatives.found import first_changes as first_changes
from ikmplan.alternatives.found import given_plan as given_plan
from ikmplan.alternatives.found import save_plans as save_plans
