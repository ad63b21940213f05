"""How things look: tables, charts, HTML. Independent of plans."""
