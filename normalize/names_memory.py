"""The memory of names: cut names completed from other documents of the same department.

Departments print the same indicators year after year, and one form cuts a name that another prints in full. That is
evidence only where it leaves no doubt: one whole name in all other documents begins as the cut one, nothing anywhere
in the department's documents begins so and goes on otherwise, and level and unit of the two rows agree. Names
completed here are never evidence themselves, so that what comes out depends on the documents alone, not on their order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter

from model import Completion, Form, SeenName
from normalize.cases import fold, load
from normalize.markup import strip_markup
from normalize.names_cut import is_whole
from normalize.names_text import clean_name, display_width, join_spaces

__all__ = ["body_to_key", "complete_names", "find_bodies"]

_LEAST = 5
"""Characters that a cut name must have: shorter ones begin many names."""
_BAND = 4
"""Half-width characters by which the names that one column cuts differ in width."""
_PILE = 0.3
"""Share of a form's names that may have one width by chance."""
_LEAST_LONGER = 3
"""Wider names that a form must print, so that one of its lines of text is not what cuts the others."""


def find_bodies(forms: Sequence[Form]) -> list[tuple[str, int]]:
    """The departments of a document's forms, as `body_to_key` names them, each with the number of its cut names."""
    cut: dict[str, int] = {}
    for form in forms:
        key = body_to_key(form.head.department)
        if key is not None:
            truncated = sum(row.name_status == "truncated" for row in form.indicators)
            cut[key] = cut.get(key, 0) + truncated
    return sorted(cut.items())


@lru_cache(maxsize=4096)
def body_to_key(department: str | None) -> str | None:
    """What a department is known by; None where its name does not say which it is (教育局, 市公安局)."""
    plain = fold(department or "")
    place, own = _patterns()
    return plain if place.match(plain) or own.search(plain) else None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load("bodies", key="word", columns=("word", "kind"))
    kinds = {kind: "|".join(word for word, case in words.items() if case["kind"] == kind) for kind in ("place", "own")}
    # 城乡, 城镇 are no places: 住房和城乡建设局
    return re.compile(rf"^.{{2,12}}?(?<!城)(?:{kinds['place']})"), re.compile(kinds["own"])


# ---------------------------------------------------------------------------------------------------------------------
# Evidence
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Longer:
    """What the department's documents print that begins as a cut name: the rows by folded name, of each name one row
    of the first two documents, and the documents in which a row ends where the cut name does."""

    rows: dict[str, list[_Seen]] = field(default_factory=dict)
    whole_in: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Seen:
    name: SeenName
    is_sure: bool
    """Whether the name is whole beyond doubt."""


def complete_names(key: str, cut: Sequence[SeenName], seen: Iterable[SeenName]) -> list[Completion]:
    """The completions of a department's cut names. `cut` are all names of the documents that hold cut ones, `seen` all
    names of all its documents, form by form; forms of other departments among them are passed over."""
    forms = [rows for rows in _by_form(cut) if body_to_key(rows[0].department) == key]
    wanted = {fold(row.name) for rows in forms for row in rows if row.name_status == "truncated"}
    longer = _find_longer({plain for plain in wanted if len(plain) >= _LEAST}, key, seen)
    return [completion for rows in forms for completion in _complete_form(rows, longer)]


def _by_form(names: Iterable[SeenName]) -> Iterator[list[SeenName]]:
    return (list(rows) for _, rows in groupby(names, key=attrgetter("form_id")))


def _find_longer(wanted: set[str], key: str, seen: Iterable[SeenName]) -> Mapping[str, _Longer]:
    """For each folded cut name, all that begins so."""
    starts: dict[str, list[str]] = defaultdict(list)
    for plain in wanted:
        starts[plain[:_LEAST]].append(plain)
    longer: dict[str, _Longer] = defaultdict(_Longer)
    for rows in _by_form(seen):
        if body_to_key(rows[0].department) == key:
            for row, plain in _matching(rows, starts):
                for short in starts[plain[:_LEAST]]:
                    if plain.startswith(short):
                        _note(longer[short], plain == short, plain, row, rows)
    return longer


def _matching(rows: Sequence[SeenName], starts: Mapping[str, object]) -> Iterator[tuple[SeenName, str]]:
    folded = ((row, fold(row.name)) for row in rows)
    return ((row, plain) for row, plain in folded if plain[:_LEAST] in starts)


def _note(longer: _Longer, is_same: bool, plain: str, row: SeenName, form: Sequence[SeenName]) -> None:
    if is_same:
        if row.name_status != "truncated":
            longer.whole_in.add(row.document_id)
        return
    known = [*longer.rows.get(plain, ()), _Seen(row, _is_sure(row, form))]
    known.sort(key=lambda one: (not one.is_sure, one.name.form_id, one.name.row))
    first = {one.name.document_id: one for one in reversed(known)}  # of each document, the row that says most
    longer.rows[plain] = [one for one in known if one is first[one.name.document_id]][:2]


def _is_sure(row: SeenName, form: Sequence[SeenName]) -> bool:
    """Whether a name is whole beyond doubt: completed in its own document, or in a form that does not cut its like.

    A name can be cut where nobody sees it (入库企业数 of 入库企业数量). So the widest names of a form are no evidence,
    whatever they end in, nor are those about as wide as names that it cuts for all to see. Rows of two lines hold
    longer names than rows of one, which may be cut all the same: then names pile up at one width, or few are longer.
    """
    if row.name_status != "complete":
        return row.name_status == "repaired"
    width = display_width(row.name)
    widths = [display_width(one.name) for one in form]
    cut = [display_width(one.name) for one in form if one.name_status == "truncated"]
    if width + _BAND >= min([max(widths), *cut]):
        return False
    beside = sum(abs(other - width) <= 1 for other in widths)
    return (beside <= max(1.0, _PILE * len(widths)) and is_whole(row.name)) or _has_longer(width, widths)


def _has_longer(width: int, widths: Sequence[int]) -> bool:
    """Whether a form prints at least as many names that are clearly wider as names of about this width."""
    like = sum(width - _BAND <= other <= width + 1 for other in widths)
    return sum(other > width + _BAND for other in widths) >= max(like, _LEAST_LONGER)


# ---------------------------------------------------------------------------------------------------------------------
# Completions
# ---------------------------------------------------------------------------------------------------------------------


def _complete_form(rows: Sequence[SeenName], longer: Mapping[str, _Longer]) -> Iterator[Completion]:
    cut = [row for row in rows if row.name_status == "truncated"]
    plains = [fold(row.name) for row in cut]
    found = {}
    for row, plain in zip(cut, plains, strict=True):
        full = _find_full(row, longer[plain]) if plain in longer and plains.count(plain) == 1 else None
        if full is not None:
            found[row.row] = full
    taken = [fold(row.name) for row in rows] + [fold(full.name) for full in found.values()]
    for row in cut:
        full = found.get(row.row)
        if full is not None and taken.count(fold(full.name)) == 1:
            yield _completion(row, full)


def _find_full(row: SeenName, longer: _Longer) -> SeenName | None:
    """The one whole name that other documents print for a cut one; None where anything speaks against it."""
    others = {
        plain: [one for one in seen if one.name.document_id != row.document_id] for plain, seen in longer.rows.items()
    }
    sure = [plain for plain, seen in others.items() if any(one.is_sure for one in seen)]
    if len(sure) != 1 or longer.whole_in:
        return None
    if not all(sure[0].startswith(plain) for plain in longer.rows):
        return None
    full = next(one.name for one in others[sure[0]] if one.is_sure)
    return full if _agree(row.level2, full.level2) and _agree(row.unit, full.unit) else None


def _agree(one: str | None, other: str | None) -> bool:
    return not one or not other or fold(one) == fold(other)


def _completion(row: SeenName, full: SeenName) -> Completion:
    evidence = f"{full.name} ({full.form_id})"
    return Completion(
        form_id=row.form_id,
        row=row.row,
        name=full.name,
        evidence=evidence,
        message=f"The name is cut; completed by memory: {evidence}",
        unmarked=row.marked is not None and not _is_unmarked(row.marked, full.name),
    )


def _is_unmarked(printed: str, name: str) -> bool:
    """Whether a name lacks marks that are printed: list marks in front, or stray marks that it does not go on with."""
    cleaned = clean_name(printed)
    kept = cleaned.text + cleaned.mark
    return join_spaces(strip_markup(printed)) != kept or not fold(name).startswith(fold(kept))
