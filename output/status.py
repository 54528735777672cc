"""How an output folder stands: what was read, what failed and how to read just that again, what was found, and when.

Reads the catalogue without its lock, so that it can be asked while a run works.
"""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from model import Code, Severity, Status
from output.catalogue import FOLDER
from output.csv_text import number_to_text
from output.runs import Run, read_runs
from output.stored import StoredError, count_values

__all__ = ["Standing", "read_standing", "retry_command", "retry_lines", "standing_lines", "standing_to_json"]

_RUNS = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """How an output folder stands. Counts of `statuses` and `failures` are files; forms and indicators count each
    document once, however many files hold it. `findings` are those of the tables as written, None where there are none.

    `runs` are the last ones, the latest first.
    """

    out: Path
    files: int
    documents: int
    statuses: Mapping[str, int]
    failures: Mapping[str, int]
    forms: int
    indicators: int
    findings: Mapping[str, int] | None
    runs: tuple[Run, ...]

    @property
    def last_work(self) -> Run | None:
        """The last run that finished and read something: the one that tells the speed."""
        return next((run for run in self.runs if run.ended and run.files and run.files > (run.known or 0)), None)


def read_standing(out: Path) -> Standing:
    """How an output folder stands. Raises StoredError where it holds no catalogue, or one that cannot be read."""
    file = out / FOLDER / "catalogue.sqlite"
    if not file.is_file():
        raise StoredError(f"{out} holds no catalogue. Give the folder that `zipingbiao run --out` wrote.")
    for mode in _modes(file):
        try:
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True)) as connection:
                return _standing(out, connection)
        except sqlite3.Error as error:
            problem = error
    raise StoredError(f"{file} cannot be read ({problem}). Check its rights, or run again.") from problem


def _modes(file: Path) -> tuple[str, str]:
    """How to open the catalogue so that nothing changes. A reader beside no run would leave files behind, in its own
    user's name; one beside a run must look at its log, if it may."""
    modes = ("mode=ro", "mode=ro&immutable=1")
    return modes if file.with_name(f"{file.name}-wal").exists() else (modes[1], modes[0])


def _standing(out: Path, connection: sqlite3.Connection) -> Standing:
    grouped = "SELECT {0}, count(*) FROM paths JOIN results USING (result_id) WHERE {0} IS NOT NULL GROUP BY {0}"
    statuses = dict(connection.execute(grouped.format("status")))
    failures = dict(connection.execute(grouped.format("error_code")))
    sums = "SELECT count(*), total(forms), total(indicators) FROM results"
    documents, forms, indicators = map(int, connection.execute(sums).fetchone())
    return Standing(
        out=out,
        files=sum(statuses.values()),
        documents=documents,
        statuses={status.value: statuses[status] for status in Status if status in statuses},
        failures=dict(sorted(failures.items(), key=lambda item: (-item[1], item[0]))),
        forms=forms,
        indicators=indicators,
        findings=_findings(out),
        runs=tuple(read_runs(connection, _RUNS)),
    )


def _findings(out: Path) -> dict[str, int] | None:
    try:
        counts = count_values(out, "findings", "code")
    except StoredError:
        return None
    worst = {severity: place for place, severity in enumerate(reversed(Severity))}
    codes = sorted(Code, key=lambda code: (worst[code.severity], -counts[code], code.value))
    return {code.value: counts[code] for code in codes if counts[code]}


# ---------------------------------------------------------------------------------------------------------------------
# Reading again just what failed
# ---------------------------------------------------------------------------------------------------------------------

_MORE = {"timeout": ("--timeout", 240), "out_of_memory": ("--memory-mb", 4096)}
"""For what ended at a limit: the option that sets it, and twice its default."""


def retry_command(out: Path, code: str, arguments: tuple[str, ...]) -> str:
    """The command that reads again just what failed with a code, as a line for a shell.

    `arguments` are the options of the run in which it failed. Where a limit ended it, the limit is doubled.
    """
    words = list(arguments)
    if code in _MORE:
        option, twice = _MORE[code]
        if option in words:
            place = words.index(option) + 1
            words[place] = number_to_text(2 * float(words[place]))
        else:
            words += [option, str(twice)]
    return shlex.join(["zipingbiao", "run", "--retry", code, *words, "--out", str(out)])


def retry_lines(out: Path, failures: Mapping[str, int], arguments: tuple[str, ...]) -> Iterator[str]:
    """A line for each code that something failed with, most frequent first: how many, and what reads them again."""
    for code, count in sorted(failures.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count} {code}, read again by: {retry_command(out, code, arguments)}"


# ---------------------------------------------------------------------------------------------------------------------
# For a person and for a program
# ---------------------------------------------------------------------------------------------------------------------


def standing_lines(standing: Standing) -> Iterator[str]:
    """The standing for a person."""
    statuses = ", ".join(f"{count} {status}" for status, count in standing.statuses.items())
    yield f"files     {standing.files}{f' ({statuses})' if statuses else ''}, {standing.documents} different documents"
    yield f"forms     {standing.forms}, indicator rows {standing.indicators}"
    yield f"last run  {_run_text(standing.runs[0]) if standing.runs else 'none is noted'}"
    work = standing.last_work
    if work is not None:
        yield f"speed     {_speed_text(work)}, {_day(work.began)}"
    if standing.failures:
        yield "failed"
        yield from retry_lines(standing.out, standing.failures, _arguments(standing))
    if standing.findings is None:
        yield "findings  the tables are not written yet"
    elif standing.findings:
        yield "findings"
        width = len(str(max(standing.findings.values())))
        for code, count in standing.findings.items():
            yield f"  {count:>{width}} {_SEVERITIES[code]:<7} {code}"


def _arguments(standing: Standing) -> tuple[str, ...]:
    return standing.runs[0].arguments if standing.runs else ()


def _run_text(run: Run) -> str:
    if run.is_at_work:
        return f"began {_day(run.began)} and is at work"
    if run.ended is None:
        return f"began {_day(run.began)} and did not finish; the same command goes on from there"
    return (
        f"{_day(run.began)}, {run.seconds:.1f} s: {run.files} files, {run.known} known from before,"
        f" exit code {run.exit_code}"
    )


def _speed_text(run: Run) -> str:
    seconds = max(run.seconds or 0.0, 0.001)
    read = (run.files or 0) - (run.known or 0)
    return f"{read / seconds:.1f} documents and {(run.pages or 0) / seconds:.1f} pages a second"


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def standing_to_json(standing: Standing) -> dict[str, object]:
    """The standing for a program."""
    return {
        "out": str(standing.out),
        "files": standing.files,
        "documents": standing.documents,
        "statuses": dict(standing.statuses),
        "failures": [
            {"code": code, "files": count, "retry": retry_command(standing.out, code, _arguments(standing))}
            for code, count in standing.failures.items()
        ],
        "forms": standing.forms,
        "indicators": standing.indicators,
        "findings": None if standing.findings is None else _findings_to_json(standing.findings),
        "runs": [_run_to_json(run) for run in standing.runs],
    }


def _findings_to_json(findings: Mapping[str, int]) -> list[dict[str, object]]:
    return [{"code": code, "severity": _SEVERITIES[code], "count": count} for code, count in findings.items()]


_SEVERITIES = {code.value: code.severity.value for code in Code}


def _run_to_json(run: Run) -> dict[str, object]:
    return {
        "began": run.began.isoformat(),
        "ended": run.ended and run.ended.isoformat(),
        "at_work": run.is_at_work,
        "seconds": run.seconds,
        "version": run.version,
        "files": run.files,
        "known": run.known,
        "pages": run.pages,
        "exit_code": run.exit_code,
    }
