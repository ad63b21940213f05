"""Excel out and in: the RKA and plan workbook, the input workbook."""
