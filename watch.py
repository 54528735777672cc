"""The commands that look at an output folder: status, query, evaluate."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from model import ErrorCode
from output.evaluate import Floor
from output.query import Shape
from output.stored import StoredError

__all__ = ["add_commands", "parse_codes", "parse_floors"]

_WRONG_USAGE = 1
_BELOW_FLOOR = 4

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a run.", show_default=False)]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (status, query, evaluate):
        app.command()(command)


def parse_codes(text: str) -> frozenset[ErrorCode]:
    """The error codes in `timeout,crashed`; all of them for `all`. Raises BadParameter."""
    names = [name.strip().lower() for name in text.split(",")] if text else []
    unknown = [name for name in names if name not in {*ErrorCode, "all"}]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is no error code; give all, or of {', '.join(ErrorCode)}")
    return frozenset(ErrorCode) if "all" in names else frozenset(map(ErrorCode, names))


def parse_floors(texts: list[str]) -> tuple[Floor, ...]:
    """Floors as in `0.98`, `indicators=0.97` and `indicators.name=0.99`. Raises BadParameter."""
    return tuple(map(_parse_floor, texts))


def _parse_floor(text: str) -> Floor:
    place, _, number = text.rpartition("=")
    table, _, column = place.partition(".")
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"{text!r} is no floor; give a share from 0 to 1, as in 0.98 or indicators.name=0.99")
    return Floor(table or None, column or None, share)


def _end(error: Exception) -> NoReturn:
    from output.show import to_printable

    typer.echo(to_printable(str(error)), err=True)
    raise typer.Exit(_WRONG_USAGE)


def status(
    folder: FolderArgument,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print how a folder stands: what was read, what failed and how to read it again, what was found, how fast."""
    from output.show import to_printable
    from output.status import read_standing, standing_lines, standing_to_json

    try:
        standing = read_standing(folder)
    except StoredError as error:
        _end(error)
    if as_json:
        typer.echo(json.dumps(standing_to_json(standing), ensure_ascii=False))
    else:
        typer.echo(to_printable("\n".join(standing_lines(standing))))


def query(
    folder: FolderArgument,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A query over the tables.", show_default=False)],
    shape: Annotated[Shape, typer.Option("--format", help="How the answer is printed.")] = Shape.TABLE,
) -> None:
    """Ask the tables of a folder in SQL (DuckDB). The query can read nothing else and write nothing."""
    from output.query import ask, write_answer

    try:
        write_answer(ask(folder, sql), shape, sys.stdout)
    except StoredError as error:
        _end(error)


def evaluate(
    folder: FolderArgument,
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="A folder of CSVs named as the tables, or one.", show_default=False)
    ],
    floors: Annotated[
        list[str] | None,
        typer.Option("--min-accuracy", metavar="SHARE", help="Exit with 4 below it: 0.98 or indicators.name=0.99."),
    ] = None,
    wrong: Annotated[
        Path | None, typer.Option("--wrong", metavar="FILE", help="Write each cell that is not right to this CSV.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare the tables of a folder with rows that you know to be right, column by column."""
    from output.evaluate import evaluate_tables, floors_missed, score_lines, score_to_json
    from output.show import to_printable

    wanted = parse_floors(floors or [])
    try:
        score = evaluate_tables(folder, truth, wrong)
        missed = floors_missed(score, wanted)
    except StoredError as error:
        _end(error)
    if as_json:
        typer.echo(json.dumps(score_to_json(score, missed), ensure_ascii=False))
    else:
        typer.echo(to_printable("\n".join(score_lines(score, missed))))
    raise typer.Exit(_BELOW_FLOOR if missed else 0)
