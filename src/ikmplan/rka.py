"""What scripts call of `report.rka`."""

from ikmplan.report.rka import sub_activities as sub_activities
