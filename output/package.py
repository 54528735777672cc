"""datapackage.json: what the files of an output folder are, which state they show, and their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from output.schema import Column, Kind, Table

__all__ = ["FileFacts", "Format", "TableFiles", "describe_files", "file_to_facts"]


class Format(StrEnum):
    """A format of the output tables."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as a reader finds it: its path from the output folder with /, size in bytes, sha256 in hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of a table: one for each format, and those of its partitions."""

    table: Table
    files: Mapping[Format, FileFacts]
    partitions: Sequence[FileFacts] = ()


def file_to_facts(file: Path, path: str) -> FileFacts:
    """The facts of a file that will be found at `path`. Raises OSError."""
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return FileFacts(path, file.stat().st_size, digest)


def describe_files(tables: Sequence[TableFiles], generation: str, partition: str | None) -> str:
    """The text of datapackage.json (Frictionless). `partition` names the column that partitions are cut by."""
    has_csv = any(Format.CSV in one.files for one in tables)
    package = {
        "profile": "tabular-data-package" if has_csv else "data-package",
        "name": "zipingbiao",
        "title": "Performance self-assessment forms (绩效自评表)",
        "generation": generation,
        "resources": [_resource(one, partition) for one in tables],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _resource(one: TableFiles, partition: str | None) -> dict[str, object]:
    format_ = Format.CSV if Format.CSV in one.files else Format.PARQUET
    resource: dict[str, object] = {"name": one.table.name, "description": one.table.doc}
    resource |= _facts_to_json(one.files[format_], format_)
    if format_ is Format.CSV:
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8-sig", "dialect": {"lineTerminator": "\n"}}
        if Format.PARQUET in one.files:
            resource["parquet"] = _facts_to_json(one.files[Format.PARQUET], Format.PARQUET)
    if partition and one.partitions:
        files = [_facts_to_json(facts, Format.PARQUET) for facts in one.partitions]
        resource["partitions"] = {"by": [partition], "files": files}
    resource["schema"] = _table_schema(one.table)
    return resource


def _facts_to_json(facts: FileFacts, format_: Format) -> dict[str, object]:
    kind = {"format": format_.value, "mediatype": _MEDIA_TYPES[format_]}
    return {"path": facts.path, **kind, "bytes": facts.size, "hash": f"sha256:{facts.sha256}"}


_MEDIA_TYPES = {Format.CSV: "text/csv", Format.PARQUET: "application/vnd.apache.parquet"}

_FRICTIONLESS: Mapping[Kind, dict[str, str]] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.MONEY: {"type": "number"},
    Kind.TRUTH: {"type": "boolean"},
    Kind.DAY: {"type": "date"},
    Kind.INSTANT: {"type": "datetime"},
    Kind.LIST: {"type": "string"},
}

_FOREIGN_KEYS = {
    "forms": ("document_id", "documents"),
    "funds": ("form_id", "forms"),
    "indicators": ("form_id", "forms"),
    "findings": ("document_id", "documents"),
}


def _table_schema(table: Table) -> dict[str, object]:
    schema: dict[str, object] = {"fields": [_field(column) for column in table.columns], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.name in _FOREIGN_KEYS:
        field, resource = _FOREIGN_KEYS[table.name]
        schema["foreignKeys"] = [{"fields": [field], "reference": {"resource": resource, "fields": [field]}}]
    return schema


def _field(column: Column) -> dict[str, object]:
    constraints: dict[str, object] = {} if column.nullable or column.kind is Kind.LIST else {"required": True}
    if column.choices:
        constraints["enum"] = list(column.choices)
    field: dict[str, object] = {"name": column.name, **_FRICTIONLESS[column.kind], "description": column.doc}
    return field | ({"constraints": constraints} if constraints else {})
