"""The tables of an output folder read back, all of them from one state."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from output.parquet import GENERATION
from output.schema import TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.parquet as pq

__all__ = ["MixedStateError", "read_tables"]

_TRIES, _PAUSE_S = 50, 0.1
"""A publication takes its names within milliseconds, partitions within some more."""


class MixedStateError(RuntimeError):
    """The files of an output folder are of two states: a run was killed between two of its renames."""

    def __init__(self, out: Path) -> None:
        super().__init__(f"The tables in {out} are of two states: a run was killed. Run the same command again.")


def read_tables(out: Path | str) -> dict[str, pd.DataFrame]:
    """The five tables of an output folder as DataFrames by name, from its Parquet files, with their exact types.

    Amounts are Arrow decimals, lists Arrow lists, missing values `pd.NA`: nothing becomes a float on the way. All
    tables are of one state, whatever a run does meanwhile. Raises FileNotFoundError where the folder holds no Parquet,
    MixedStateError where no run is at work and the files are of two states all the same.
    """
    import pandas as pd

    for _ in range(_TRIES):
        with ExitStack() as stack:
            files = {table.name: _open(Path(out) / f"{table.name}.parquet", stack) for table in TABLES}
            if len({_generation(file) for file in files.values()}) == 1:
                read = {name: file.read(use_threads=False) for name, file in files.items()}
                return {name: table.to_pandas(types_mapper=pd.ArrowDtype) for name, table in read.items()}
        time.sleep(_PAUSE_S)
    raise MixedStateError(Path(out))


def _open(file: Path, stack: ExitStack) -> pq.ParquetFile:
    """A Parquet file that stays the one that was opened, whatever takes its name."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(stack.enter_context(file.open("rb")))


def _generation(file: pq.ParquetFile) -> bytes:
    return bytes((file.metadata.metadata or {}).get(GENERATION.encode(), b""))
