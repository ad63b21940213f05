"""What the comparison notebook calls of `compare.read_runs`."""

from ikmplan.compare.read_runs import read_comparison as read_comparison
