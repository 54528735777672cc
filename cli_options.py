"""The options of the command line: what they are called, what they say of themselves, and how they are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from pipeline import Engine, Format, Ocr, Partition, TableEngine

__all__ = [
    "AddressOption",
    "EngineOption",
    "FailFastOption",
    "FileArgument",
    "FormatOption",
    "GlobOption",
    "InputsArgument",
    "LogOption",
    "ManifestOption",
    "MemoryOption",
    "MinRowsOption",
    "OcrOption",
    "OutOption",
    "OverwriteOption",
    "PartitionOption",
    "ProgressOption",
    "PruneOption",
    "RetryOption",
    "SafeOption",
    "TableEngineOption",
    "TimeoutOption",
    "WorkersOption",
    "parse_formats",
    "parse_pages",
]


def parse_formats(text: str) -> tuple[Format, ...]:
    """The formats in `csv,parquet`. Raises BadParameter."""
    names = [name.strip().lower() for name in text.split(",")]
    unknown = [name for name in names if name not in set(Format)]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is no format; give csv, parquet or csv,parquet")
    return tuple(Format(name) for name in dict.fromkeys(names))


def parse_pages(text: str) -> tuple[int, ...]:
    """The page numbers in `1,3-5`, in order, each once. Raises BadParameter."""
    pages: set[int] = set()
    for part in text.replace(" ", "").split(","):
        found = re.fullmatch(r"([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?", part)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            raise typer.BadParameter(f"{part!r} is no page and no range of pages; give something like 1,3-5")
        pages.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return tuple(sorted(pages))


InputsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="PDFs, pictures, folders, zip archives, URLs such as s3://bucket/key; - reads a list of them.",
        show_default=False,
    ),
]
GlobOption = Annotated[
    list[str] | None,
    typer.Option("--glob", metavar="PATTERN", help="Read what this matches in folders and archives."),
]
ManifestOption = Annotated[
    list[Path] | None,
    typer.Option("--manifest", metavar="FILE", help="CSV or JSON lines: a column path, others go into documents."),
]
RetryOption = Annotated[
    str, typer.Option("--retry", metavar="CODES", help="Read again what failed so: timeout,crashed or all.")
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A PDF or a picture.", show_default=False)]
TableEngineOption = Annotated[
    TableEngine, typer.Option("--table-engine", help="What reads tables; auto asks pdfplumber where rules fail.")
]
OcrOption = Annotated[Ocr, typer.Option("--ocr", help="Which pages are read by OCR; auto: those without usable text.")]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout", min=0.1, metavar="SECONDS", help="Seconds that a document may take, and each page of a scan."
    ),
]
MemoryOption = Annotated[
    int, typer.Option("--memory-mb", min=64, metavar="N", help="Memory that a document may take, in MB.")
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the tables.", show_default=False)]
FormatOption = Annotated[str, typer.Option("--format", metavar="LIST", help="csv, parquet or both.")]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Documents read at a time. Default: cores, of the cluster with ray.")
]
SafeOption = Annotated[
    bool, typer.Option("--excel-safe", help="Put ' before CSV text that Excel would run as a formula.")
]
MinRowsOption = Annotated[int, typer.Option(min=0, help="Exit with 4 if there are fewer indicator rows.")]
PartitionOption = Annotated[
    Partition | None, typer.Option(help="Write Parquet partitions too: DIR/indicators/fiscal_year=2023/...")
]
PruneOption = Annotated[bool, typer.Option("--prune", help="Remove what is no longer among the inputs.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Forget what was read before.")]
FailFastOption = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first document that fails.")]
EngineOption = Annotated[Engine, typer.Option(help="Who reads documents: this machine, or a Ray cluster.")]
AddressOption = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Ray cluster; 'auto' finds one here. Default: start one.")
]
ProgressOption = Annotated[bool, typer.Option(help="A progress bar, on a terminal only.")]
LogOption = Annotated[bool, typer.Option("--log-json", help="Log to stderr as lines of JSON.")]
