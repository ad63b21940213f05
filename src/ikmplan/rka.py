"""What scripts call of `workbook.rka`."""

from ikmplan.workbook.rka import sub_activities as sub_activities
