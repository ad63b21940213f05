"""What the planner's notebook calls of `explore.widgets`."""

from ikmplan.explore.widgets import open_state as open_state
from ikmplan.explore.widgets import page as page
