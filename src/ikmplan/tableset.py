"""Tables by name, saved and read as Parquet: what a plan, its reasons and a comparison hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pandas as pd

from ikmplan.files import write_atomic

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
Types = Mapping[str, Mapping[str, Any]]  # table -> column -> its type


def read_parquet(path: Path) -> pd.DataFrame:
    """The table in a file of any name; Arrow opens none whose name is not UTF-8."""
    import pyarrow.parquet as parquet  # slow to import

    # pandas' own reader imports Arrow's data sets and starts threads for each small table
    file = parquet.ParquetFile(BytesIO(path.read_bytes()))
    frame: pd.DataFrame = file.read(use_threads=False).to_pandas()
    return frame


def rows_with_none(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows of a table, its missing numbers as None."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def grouped(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, list[_Value]]:
    """Key -> its values, both in the order in which they come."""
    found: dict[_Key, list[_Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


class TableSet:
    """Data frames under the names of COLUMNS; `plan.coverage` is `plan.tables["coverage"]`."""

    COLUMNS: ClassVar[Types] = {}
    ADDED: ClassVar[frozenset[str]] = frozenset()  # tables saved only where they have rows
    tables: dict[str, pd.DataFrame]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in type(self).COLUMNS:
            return self.tables[name]
        raise AttributeError(name)

    def save(self, folder: str | Path) -> None:
        """One Parquet file a table, each written whole or not at all."""
        for name, table in self.tables.items():
            if name in self.ADDED and not len(table):
                continue
            buffer = BytesIO()
            table.to_parquet(buffer, index=False)
            write_atomic(Path(folder) / f"{name}.parquet", buffer.getvalue())

    @classmethod
    def load_tables(cls, folder: str | Path) -> dict[str, pd.DataFrame]:
        """The tables of COLUMNS that `save` wrote."""
        paths = {name: Path(folder) / f"{name}.parquet" for name in cls.COLUMNS}
        return {
            name: cls.frame(name) if name in cls.ADDED and not path.exists() else read_parquet(path)
            for name, path in paths.items()
        }

    @classmethod
    def frames(cls, rows: Mapping[str, Iterable[Any]]) -> dict[str, pd.DataFrame]:
        """The tables of COLUMNS from their rows; a table without rows is empty."""
        return {name: cls.frame(name, rows.get(name, ())) for name in cls.COLUMNS}

    @classmethod
    def frame(cls, name: str, rows: Iterable[Any] = ()) -> pd.DataFrame:
        """A table of COLUMNS from its rows (by column, or in their order), each of its type."""
        types = cls.COLUMNS[name]
        rows = [[row.get(of) for of in types] if isinstance(row, dict) else row for row in rows]
        columns = zip(*rows, strict=True) if rows else [()] * len(types)
        # by column: frames of rows whose types are set after are four times as slow
        made = zip(types.items(), columns, strict=True)
        return pd.DataFrame({of: pd.array(list(values), dtype=t) for (of, t), values in made})
