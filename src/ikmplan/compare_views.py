"""Every table of a comparison in one place, as the notebook calls them: `compare_views.gains(...)`.

In short: `compare_summary`. Who gains, what is chosen, what is broken: `compare_lists`.
"""

from ikmplan.compare_lists import broken, chosen, gains, kept, robust
from ikmplan.compare_summary import (
    asked,
    differences,
    figures,
    headline,
    label,
    left_out,
    proofs,
    warnings,
)

__all__ = [
    "asked",
    "broken",
    "chosen",
    "differences",
    "figures",
    "gains",
    "headline",
    "kept",
    "label",
    "left_out",
    "proofs",
    "robust",
    "warnings",
]
