"""Names that other documents complete: found in stored rows, and put into them when the tables are written.

The stored rows of a document say what it says by itself. What the memory of names adds stands beside them, so that it
can change when documents come and go, and no completed name is ever evidence for another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple

from model import Code, Completion, SeenName
from output.rows import Row, Rows, place_of

__all__ = ["complete_rows", "completions_to_text", "rows_to_names", "text_to_completions"]

_CUT, _WHOLE, _MARKED = Code.NAME_TRUNCATED, Code.NAME_REPAIRED, Code.NAME_CLEANED


def completions_to_text(completions: Sequence[Completion]) -> str:
    """Completions as JSON, ordered by form and row; empty text for none."""
    ordered = sorted(completions, key=lambda one: (one.form_id, one.row))
    return json.dumps([astuple(one) for one in ordered], ensure_ascii=False) if ordered else ""


def text_to_completions(text: str) -> list[Completion]:
    """What `completions_to_text` wrote."""
    return [Completion(*values) for values in json.loads(text)] if text else []


def rows_to_names(rows: Rows) -> Iterator[SeenName]:
    """The names of a document's indicators, form by form in printed order; rows without a name are left out."""
    forms = {row[_FORM_ID]: row for row in rows["forms"]}
    marked = {
        (row[_FINDING_FORM], row[_FINDING_ROW]): row[_FINDING_RAW]
        for row in rows["findings"]
        if row[_FINDING_CODE] == _MARKED and row[_FINDING_TABLE] == "indicators"
    }
    for row in rows["indicators"]:
        form_id, number, name, status, level2, unit = (row[place] for place in _OF_INDICATOR)
        if name:
            form = forms[form_id]
            yield SeenName(
                document_id=form[_DOCUMENT_ID],
                form_id=form_id,
                department=form[_DEPARTMENT],
                row=number,
                name=name,
                name_status=status,
                level2=level2,
                unit=unit,
                marked=marked.get((form_id, number)),
            )


_FORM_ID, _DOCUMENT_ID = place_of("forms", "form_id"), place_of("forms", "document_id")
_DEPARTMENT = place_of("forms", "department")
_OF_INDICATOR = [place_of("indicators", name) for name in ("form_id", "row", "name", "name_status", "level2", "unit")]
_FINDING_FORM, _FINDING_ROW = place_of("findings", "form_id"), place_of("findings", "row")
_FINDING_TABLE, _FINDING_CODE = place_of("findings", "table"), place_of("findings", "code")
_FINDING_RAW = place_of("findings", "raw")


# ---------------------------------------------------------------------------------------------------------------------
# Rows with completed names
# ---------------------------------------------------------------------------------------------------------------------


def complete_rows(rows: Rows, completions: Sequence[Completion]) -> Rows:
    """The rows of a document with its completed names, their flags, and the findings that say so."""
    if not completions:
        return rows
    known = {(one.form_id, one.row): one for one in completions}
    return rows | {
        "indicators": [_complete_row(row, known.get((row[_ROW_FORM], row[_ROW_NO]))) for row in rows["indicators"]],
        "findings": list(_complete_findings(rows["findings"], known)),
    }


def _complete_row(row: Row, completion: Completion | None) -> Row:
    if completion is None:
        return row
    flags = [_WHOLE.value if flag == _CUT else flag for flag in row[_FLAGS]]
    kept = tuple(dict.fromkeys(flag for flag in flags if flag != _MARKED or not completion.unmarked))
    changes = {
        "name": completion.name,
        "name_status": "repaired",
        "name_source": "memory",
        "name_evidence": completion.evidence,
        "flags": kept,
    }
    return _with(row, "indicators", changes)


def _complete_findings(findings: Sequence[Row], known: Mapping[tuple[str, int], Completion]) -> Iterator[Row]:
    for row in findings:
        of_name = row[_FINDING_TABLE] == "indicators" and row[_FINDING_CODE] in (_CUT, _MARKED)
        completion = known.get((row[_FINDING_FORM], row[_FINDING_ROW])) if of_name else None
        if completion is None:
            yield row
        elif row[_FINDING_CODE] == _CUT:
            yield _with(row, "findings", _repair(completion))
        elif not completion.unmarked:
            yield _with(row, "findings", {"value": completion.name})


def _repair(completion: Completion) -> dict[str, object]:
    severity = _WHOLE.severity.value
    return {"code": _WHOLE.value, "severity": severity, "value": completion.name, "message": completion.message}


def _with(row: Row, table: str, changes: Mapping[str, object]) -> Row:
    values = list(row)
    for column, value in changes.items():
        values[place_of(table, column)] = value
    return tuple(values)


_ROW_FORM, _ROW_NO, _FLAGS = (place_of("indicators", name) for name in ("form_id", "row", "flags"))
