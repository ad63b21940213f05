"""What notebooks call for a plan that follows its settings: `explore.ipynb`, `workbench.ipynb`."""

from ikmplan.explore.controls import controls as controls
from ikmplan.explore.plan_pictures import calendar_of as calendar
from ikmplan.explore.plan_pictures import compared_of as compared
from ikmplan.explore.plan_pictures import coverage_of as coverage
from ikmplan.explore.plan_pictures import limits_of as limits
from ikmplan.explore.plan_pictures import machines_of as machines
from ikmplan.explore.plan_pictures import money_of as money
from ikmplan.explore.plan_pictures import tiles_of as tiles
from ikmplan.explore.plan_pictures import watch as watch
from ikmplan.explore.widgets import open_state as open_state
from ikmplan.explore.widgets import page as page
