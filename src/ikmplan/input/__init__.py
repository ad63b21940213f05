"""What is known, and whether it is sound: tables, scenario, case."""
