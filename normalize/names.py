"""Names of indicators: whole, cut or cleaned.

A name cut by its cell is completed only from evidence in hand, the surest first: what the page clips, what spilt into
the neighbouring cell, the same indicator in full in a sibling row, the goal text. (Other documents of the department
complete what is left: `names_memory`.)
A wrong completion is worse than none: where two pieces of evidence differ, or one is unclear, the name stays as printed
and is called truncated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from model import Code, Finding
from normalize.cases import fold
from normalize.markup import strip_markup
from normalize.names_cut import WHOLE, Band, Ending, find_band, find_ending
from normalize.names_end import is_statement
from normalize.names_figure import RowFigures, read_figures
from normalize.names_goal import Hit, Reach, find_exact, find_near
from normalize.names_spill import Spill, find_habits, find_spill
from normalize.names_text import Cleaned, Prose, Sought, clean_name, display_width, join_spaces, open_brackets, to_prose
from normalize.words import is_inside_word

__all__ = ["NameContext", "NameInput", "NameResult", "NameStatus", "repair_names"]

NameStatus = Literal["complete", "repaired", "truncated"]
_Kind = tuple[bool | None, bool]
"""Whether a row counts in % (None: it does not say), and whether its name is a statement (开展…)."""
_LEAST = 8
"""Characters that a name must have to be completed where the form shows no width at which names are cut."""
_LEAST_LIKE = 2
"""Whole names that must be known to tell how the names of a form usually end."""
_LEAST_CLIPPED = 3
"""Clipped names that must break off for all to see, so that others of their width do too."""
_LEAST_OTHER = 5
"""Characters that another row's name must have to be recognised in a goal text."""


@dataclass(frozen=True, slots=True)
class NameInput:
    """What a row prints that has to do with its name.

    `row` is the indicator's number from 1. `text` is everything that belongs to the name cell, clipped text included,
    `shown` what the cell shows. `reason` is the text of the reason cell, `reason_lines` its lines as printed where
    they are known. The other fields, as printed, tell siblings.
    """

    row: int
    text: str
    shown: str
    reason: str = ""
    reason_lines: tuple[str, ...] = ()
    level2: str | None = None
    target: str = ""
    unit: str = ""
    actual: str = ""
    operator_raw: str = ""


@dataclass(frozen=True, slots=True)
class NameContext:
    """Texts that may complete a name: goal texts and other prose of the document, markup removed."""

    goals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameResult:
    """The name that a row really has.

    `source` says what completed it (clipped_text, spill, sibling or goal), `evidence` quotes that. `reason` is
    the reason cell's text without what was moved into the name.
    """

    row: int
    name: str
    status: NameStatus
    source: str | None = None
    evidence: str | None = None
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Name:
    """A printed name read: cleaned, how it ends, whether it is surely or probably cut."""

    input: NameInput
    cleaned: Cleaned
    plain: str
    """The cleaned name, folded."""
    width: int
    ending: Ending
    is_clipped: bool
    figures: RowFigures
    doubt: str = ""
    """Why the name may be cut; empty where nothing says so."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What was made of a name so far."""

    text: str
    status: NameStatus = "complete"
    source: str | None = None
    evidence: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Everything that may complete a name of the form."""

    names: tuple[_Name, ...]
    plains: tuple[str, ...]
    """The names, folded, that are long enough to be told in a text, each once."""
    proses: tuple[Prose, ...]
    has_band: bool
    clipped_band: Band | None
    """The widths at which clipped names break off, where they do: the PDF holds no more of them."""
    bare_kinds: frozenset[_Kind]
    """The kinds of names that usually end without a word for what is counted."""


def repair_names(rows: Sequence[NameInput], context: NameContext) -> list[NameResult]:
    """One result for each row, in order: its name cleaned, and completed where it is cut and evidence is in hand."""
    read = [_read_name(row) for row in rows]
    band = find_band((name.width, name.ending is Ending.OPEN) for name in read if not name.is_clipped and name.plain)
    names = tuple(replace(name, doubt=_find_doubt(name, band)) for name in read)
    habits = find_habits([row.reason for row in rows])
    spills = [_find_spill(name, habits) for name in names]
    proses = tuple(to_prose(text) for text in dict.fromkeys(context.goals) if text)
    plains = tuple(sorted({name.plain for name in names if len(name.plain) >= _LEAST_OTHER}))
    evidence = _Evidence(names, plains, proses, band is not None, _find_clipped_band(names), frozenset())
    if band is not None:
        evidence = replace(evidence, bare_kinds=_find_bare_kinds(evidence, band))
    drafts = [_draft(name, spill, evidence) for name, spill in zip(names, spills, strict=True)]
    drafts = _without_clashes(names, drafts)
    spills = [
        spill or _find_spill_of(name, draft, habits) for name, draft, spill in zip(names, drafts, spills, strict=True)
    ]
    return [_result(name, draft, spill) for name, draft, spill in zip(names, drafts, spills, strict=True)]


def _read_name(row: NameInput) -> _Name:
    cleaned = clean_name(row.text)
    plain = fold(cleaned.text)
    width = display_width(cleaned.text + cleaned.mark)
    is_clipped = row.shown != row.text and len(fold(clean_name(row.shown).text)) < len(plain)
    ending = find_ending(cleaned) if plain and not is_clipped else Ending.TAIL
    return _Name(row, cleaned, plain, width, ending, is_clipped, read_figures(row.target, row.unit, row.actual))


def _find_clipped_band(names: Sequence[_Name]) -> Band | None:
    """The widths at which the clipped text of names breaks off; None where fewer than three do for all to see.

    A browser leaves out the letters of a clipped line that stand wholly behind its cell.
    """
    known = [(name.width, find_ending(name.cleaned) is Ending.OPEN) for name in names if name.is_clipped]
    return find_band(known) if sum(is_open for _, is_open in known) >= _LEAST_CLIPPED else None


def _find_doubt(name: _Name, band: Band | None) -> str:
    """Why a name may be cut, for the finding; empty where nothing says so."""
    if name.is_clipped:
        return ""
    if name.ending is Ending.OPEN:
        return "It breaks off inside a word or bracket, or after a word that must be followed."
    if band is None or name.width not in band or name.ending in WHOLE:
        return ""
    if name.ending is Ending.TAIL:
        return "It is as wide as the column's cut names and ends in no word that names of indicators end in."
    if name.figures.percent:
        return "It is as wide as the column's cut names and lacks the word for what is counted in %."
    return ""


def _find_bare_kinds(evidence: _Evidence, band: Band) -> frozenset[_Kind]:
    """The kinds of names of which most end without a word for what is counted.

    Only names that are surely whole are asked: shorter than the column cuts, or held as a whole by the goal text.
    """
    bare: dict[_Kind, list[bool]] = {}
    for name in evidence.names:
        if not name.plain or name.doubt:
            continue
        is_short = name.is_clipped or name.width < band.low
        if is_short or name.ending in WHOLE or _is_proved_whole(_find_exact(name, name.cleaned, evidence)):
            bare.setdefault(_kind(name), []).append(name.ending not in WHOLE)
    usual = {kind for kind, known in bare.items() if len(known) >= _LEAST_LIKE and sum(known) * 5 >= len(known) * 3}
    # statements take the word for what is counted less often than other names
    usual |= {(percent, True) for percent, _ in usual if len(bare.get((percent, True), ())) < _LEAST_LIKE}
    return frozenset(usual)


def _kind(name: _Name) -> _Kind:
    return name.figures.percent, is_statement(name.plain)


# ---------------------------------------------------------------------------------------------------------------------
# Evidence, the surest first
# ---------------------------------------------------------------------------------------------------------------------


def _find_spill(name: _Name, habits: Sequence[str]) -> Spill | None:
    return find_spill(name.cleaned, name.input.reason, name.input.reason_lines, habits) if name.doubt else None


def _find_spill_of(name: _Name, draft: _Draft, habits: Sequence[str]) -> Spill | None:
    """The text of a name in the reason, where other evidence than that completed the name."""
    if name.is_clipped or draft.status != "repaired":
        return None
    return find_spill(name.cleaned, name.input.reason, name.input.reason_lines, habits, draft.text)


def _draft(name: _Name, spill: Spill | None, evidence: _Evidence) -> _Draft:
    if name.is_clipped:
        return _draft_of_clipped(name, evidence)
    if spill is not None:
        return _draft_of_spill(name, spill, evidence)
    if name.doubt:
        return _draft_of_doubted(name, evidence)
    if evidence.has_band or name.ending is not Ending.TAIL or len(name.plain) < _LEAST:
        return _Draft(name.cleaned.text)
    return _draft_of_undoubted(name, evidence) or _Draft(name.cleaned.text)


def _draft_of_clipped(name: _Name, evidence: _Evidence) -> _Draft:
    """The name with the text that the page clips. Word processors leave out the lines that a low row does not reach at
    all: where the clipped text breaks off too, the goal text may go on with it."""
    text, quote = name.cleaned.text, name.input.text.strip()
    exact = _find_exact(name, name.cleaned, evidence)
    ending, band = find_ending(name.cleaned), evidence.clipped_band
    breaks_off = ending is Ending.OPEN or (band is not None and name.width in band and ending not in WHOLE)
    if breaks_off or _runs_on_inside_word(name, exact):
        goal = _draft_of_goal(exact)
        if goal or breaks_off:
            return goal or _Draft(text, "truncated", "clipped_text", quote, " The clipped text breaks off too.")
    return _Draft(text, "repaired", "clipped_text", quote)


def _draft_of_doubted(name: _Name, evidence: _Evidence) -> _Draft:
    text = name.cleaned.text
    exact = _find_exact(name, name.cleaned, evidence)
    if not open_brackets(text) and _is_proved_whole(exact):
        return _Draft(text)
    if _is_printed_twice(name, evidence):
        return _Draft(text, "truncated", note=" Another row prints the same words.")
    return (
        _draft_of_sibling(name, evidence)
        or _draft_of_goal(exact)
        or _draft_of_goal(_find_near(name, evidence) if not exact else [])
        or _Draft(text, "truncated", note=_quote_unclear(exact))
    )


def _draft_of_undoubted(name: _Name, evidence: _Evidence) -> _Draft | None:
    """The completion of a name that its form does not show to be cut, but a sibling or a word of the goal text does."""
    sibling = _draft_of_sibling(name, evidence)
    exact = [] if sibling else _find_exact(name, name.cleaned, evidence)
    return sibling or (_draft_of_goal(exact) if _runs_on_inside_word(name, exact) else None)


def _is_printed_twice(name: _Name, evidence: _Evidence) -> bool:
    """Whether another cut name prints the same words: the two may go on differently, and evidence fits both."""
    return sum(other.plain == name.plain and bool(other.doubt) for other in evidence.names) > 1


def _draft_of_spill(name: _Name, spill: Spill, evidence: _Evidence) -> _Draft:
    """The name with its spilt text; where that breaks off too, with the goal text's continuation of both."""
    if find_ending(Cleaned(spill.name.text)) is not Ending.OPEN:
        return _Draft(spill.name.text, "repaired", "spill", spill.text)
    goal = _draft_of_goal(_find_exact(name, spill.name, evidence))
    return goal or _Draft(spill.name.text, "truncated", "spill", spill.text)


def _draft_of_sibling(name: _Name, evidence: _Evidence) -> _Draft | None:
    """The one longer name that begins as printed in a row with the same level, target, unit and actual."""
    full = {
        other.plain: other.cleaned.text
        for other in evidence.names
        if other.plain.startswith(name.plain)
        and len(other.plain) > len(name.plain)
        and not other.doubt
        and _is_sibling(name.input, other.input)
    }
    if len(full) != 1:
        return None
    text = full.popitem()[1]
    return _Draft(text, "repaired", "sibling", text)


def _is_sibling(one: NameInput, other: NameInput) -> bool:
    if one.level2 and other.level2 and fold(one.level2) != fold(other.level2):
        return False
    return all(
        fold(a) == fold(b) for a, b in ((one.target, other.target), (one.unit, other.unit), (one.actual, other.actual))
    )


def _draft_of_goal(hits: Sequence[Hit]) -> _Draft | None:
    """The one name that all places of the goal text give; None where one of them differs or is unclear."""
    if not hits or any(hit.reach is not Reach.RUNS_ON for hit in hits) or len({fold(hit.name) for hit in hits}) != 1:
        return None
    return _Draft(hits[0].name, "repaired", "goal", hits[0].quote)


def _find_exact(name: _Name, cleaned: Cleaned, evidence: _Evidence) -> list[Hit]:
    """Places of the goal text that hold the name; with the mark at its end, where there are any with it."""
    for text in dict.fromkeys((cleaned.text + cleaned.mark, cleaned.text)):
        hits = find_exact(evidence.proses, _sought(name, text, evidence)) if text else []
        if hits:
            return hits
    return []


def _find_near(name: _Name, evidence: _Evidence) -> list[Hit]:
    return find_near(evidence.proses, _sought(name, name.cleaned.text, evidence))


def _sought(name: _Name, text: str, evidence: _Evidence) -> Sought:
    plain = fold(text)
    others = tuple(
        other for other in evidence.plains if not (plain.startswith(other) or other.startswith(name.plain))
    )
    return Sought(text, plain, name.figures, _kind(name) in evidence.bare_kinds, others)


def _is_proved_whole(hits: Sequence[Hit]) -> bool:
    """Whether the goal text holds the name as a whole and nowhere goes on with it."""
    return any(hit.reach is Reach.ENDS for hit in hits) and all(hit.reach is not Reach.RUNS_ON for hit in hits)


def _runs_on_inside_word(name: _Name, hits: Sequence[Hit]) -> bool:
    """Whether the goal text shows a name to end inside a word, though nothing in the form says that names are cut."""
    found = [fold(hit.name) for hit in hits]
    return bool(found) and all(full.startswith(name.plain) and is_inside_word(full, len(name.plain)) for full in found)


def _quote_unclear(hits: Sequence[Hit]) -> str:
    quotes = dict.fromkeys(hit.quote for hit in hits)
    return f" Where it ends can not be told from the goal text: {' / '.join(quotes)}" if quotes else ""


def _without_clashes(names: Sequence[_Name], drafts: Sequence[_Draft]) -> list[_Draft]:
    """The drafts without completions that give one name to rows with different targets: one of them would be wrong."""
    kinds: dict[str, set[tuple[str, str]]] = {}
    for name, draft in zip(names, drafts, strict=True):
        kinds.setdefault(fold(draft.text), set()).add((fold(name.input.target), fold(name.input.unit)))
    return [
        _Draft(name.cleaned.text, "truncated", note=f" Another row has the name it would get: {draft.text}")
        if draft.source == "goal" and len(kinds[fold(draft.text)]) > 1
        else draft
        for name, draft in zip(names, drafts, strict=True)
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Results
# ---------------------------------------------------------------------------------------------------------------------


def _result(name: _Name, draft: _Draft, spill: Spill | None) -> NameResult:
    reason = name.input.reason if spill is None else spill.reason
    findings = tuple(_findings(name, draft, spill))
    return NameResult(name.input.row, draft.text, draft.status, draft.source, draft.evidence, reason, findings)


def _findings(name: _Name, draft: _Draft, spill: Spill | None) -> Iterator[Finding]:
    row = name.input
    plain = strip_markup(row.text)
    if plain != row.text:
        yield _finding(Code.MARKUP_REMOVED, row, "HTML left in the name was taken out.", row.text, plain)
    if name.is_clipped:
        yield _finding(Code.TEXT_CLIPPED, row, "The cell shows only part of the name.", row.shown, row.text)
    if spill is not None:
        message = f"Text of the name stood in the reason: {spill.text}"
        yield replace(_finding(Code.TEXT_MOVED, row, message, row.reason, spill.reason), column="reason")
    if draft.status == "repaired":
        message = f"The name is cut; completed by {draft.source}: {draft.evidence}"
        yield _finding(Code.NAME_REPAIRED, row, message, row.shown, draft.text)
    if draft.status == "truncated":
        yield _finding(Code.NAME_TRUNCATED, row, f"The name is cut. {name.doubt}{draft.note}", row.shown, draft.text)
    if _is_cleaned(name, draft):
        message = "A list mark before the name or a stray mark behind it was taken off."
        yield _finding(Code.NAME_CLEANED, row, message, row.text, draft.text)


def _is_cleaned(name: _Name, draft: _Draft) -> bool:
    """Whether a mark of the printed name is not in the result."""
    kept = name.cleaned.text + name.cleaned.mark
    lost_before = join_spaces(strip_markup(name.input.text)) != kept
    return lost_before or (bool(name.cleaned.mark) and not fold(draft.text).startswith(fold(kept)))


def _finding(code: Code, row: NameInput, message: str, raw: str, value: str) -> Finding:
    return Finding(code, message, table="indicators", row=row.row, column="name", raw=raw, value=value)
