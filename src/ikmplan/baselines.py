"""What notebooks call of `insight.baselines`."""

from ikmplan.insight.baselines import announced, doing_nothing
