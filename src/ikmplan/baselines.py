"""What notebooks call of `insight.baselines`."""

from ikmplan.insight.baselines import announced as announced
from ikmplan.insight.baselines import doing_nothing as doing_nothing
