"""What scripts call of `input.tables`."""

from ikmplan.input.tables import read_tables as read_tables
