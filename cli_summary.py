"""What a run says at its end: to a person, and in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cli_progress import error_sentence
from model import Severity, Status
from pipeline import Summary

__all__ = ["summary_lines", "summary_to_json"]


def summary_to_json(summary: Summary) -> dict[str, object]:
    """The last line in the log."""
    return {
        "out": str(summary.out),
        "files": summary.files,
        "known": summary.known,
        "statuses": summary.statuses,
        "forms": summary.forms,
        "indicators": summary.indicators,
        "findings": summary.findings,
        "pruned": summary.pruned,
        "written": summary.written,
        "exit_code": int(summary.exit_code),
    }


_FAILURES_LISTED = 20


def summary_lines(summary: Summary, arguments: tuple[str, ...]) -> Iterator[str]:
    """The summary for a person. `arguments` are the options by which another run reads alike."""
    from output.show import to_printable
    from output.status import retry_lines

    statuses = ", ".join(f"{count} {status}" for status in Status if (count := summary.statuses.get(status, 0)))
    yield f"files     {summary.files}{f' ({statuses})' if statuses else ''}, {summary.known} known from before"
    yield f"forms     {summary.forms}, indicator rows {summary.indicators}"
    yield f"findings  {', '.join(f'{summary.findings[severity]} {severity}' for severity in Severity)}"
    for failure in summary.failures[:_FAILURES_LISTED]:
        yield to_printable(f"  {failure.code}: {error_sentence(failure.path, failure.error)}")
    if len(summary.failures) > _FAILURES_LISTED:
        yield f"  and {len(summary.failures) - _FAILURES_LISTED} more that failed: see documents, column error"
    codes = Counter(failure.code.value for failure in summary.failures)
    yield from map(to_printable, retry_lines(summary.out, codes, arguments))
    if summary.interrupted:
        yield "stopped   by a signal; the same command goes on from here"
    elif summary.stopped_early:
        yield "stopped   at the first failure (--fail-fast); the same command without it goes on from here"
    if summary.pruned:
        yield f"removed   {summary.pruned} that are no longer among the inputs (--prune)"
    if summary.below_floor:
        yield "rows      fewer than --min-rows asks for"
    yield f"tables    {'written to' if summary.written else 'unchanged in'} {to_printable(str(summary.out))}"
