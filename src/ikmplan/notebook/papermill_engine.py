"""The entry point `ikmplan` of papermill, which reads it while it is itself being imported.

So nothing of papermill may be imported at the top here.
"""

from __future__ import annotations

from typing import Any


class _Deferred:
    """Has the attributes of `engine.KernelEngine`, which is imported when one is asked for."""

    def __getattr__(self, name: str) -> Any:
        from ikmplan.notebook.engine import KernelEngine

        return getattr(KernelEngine, name)


engine = _Deferred()
