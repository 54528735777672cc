"""Parquet files as this project writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["GENERATION", "open_parquet", "with_generation"]

GENERATION = "zipingbiao.generation"
"""Key of the generation in the metadata of the files."""


def with_generation(schema: pa.Schema, generation: str) -> pa.Schema:
    """A schema whose files carry a generation in their metadata."""
    return schema.with_metadata({**(schema.metadata or {}), GENERATION.encode(): generation.encode()})


def open_parquet(file: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A file to write row groups to. Equal rows give equal bytes."""
    import pyarrow.parquet as pq

    return pq.ParquetWriter(file, schema, compression="zstd")
