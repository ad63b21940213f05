"""How things look: tables, charts, HTML. Knows no plan."""
