"""Texts off pictures, settled with what the form knows, before its rows are read.

From raw tables to raw tables: known words first, so that the form's heads and blocks are found; then what its columns
hold; then its arithmetic. Each reading taken instead of the recogniser's is a finding, and so is each number that
nothing supports. A document without pictures passes through untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from model import Cell, Code, Content, Finding, Line, Reading, Table
from normalize.find import FormParts, find_forms
from normalize.fiscal_year import find_years
from normalize.reading_columns import Choice, Holds, choose
from normalize.reading_doubts import find_doubts, sure_years
from normalize.reading_ends import choose_without_ends
from normalize.reading_labels import near_word
from normalize.reading_operators import decide_operators
from normalize.reading_places import Place, blocks_of, form_cells, head_cells, places_of
from normalize.reading_signs import choose_sign, form_operators
from normalize.reading_sums import decide_sums, key_of
from normalize.reading_terms import decide_money_unit, decide_terms, decide_titles
from normalize.reading_trust import aligned
from normalize.reading_units import decide_per_cent
from normalize.reading_words import decide_words
from normalize.readings import Alternative, Edit, alternatives, with_text

__all__ = ["ReadForm", "Settled", "settle_readings"]

_WHY = {
    Holds.OPERATOR: "a column of operators",
    Holds.VALUE: "a column of values",
    Holds.UNIT: "a column of units",
    Holds.WEIGHT: "a column of points",
    Holds.AMOUNT: "a column of amounts",
    Holds.RATE: "a column of rates",
    Holds.LEVEL1: "a column of levels",
    Holds.LEVEL2: "a column of levels",
    Holds.SOURCE: "a column of sources of money",
    Holds.NAME: "a column of names",
    Holds.YEAR: "a title or label that names a year",
}


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form found, and what was decided and doubted in the texts that came off pictures."""

    parts: FormParts
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A document with its readings settled, its forms, and findings about texts that no form holds."""

    content: Content
    forms: tuple[ReadForm, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    block: Cell | Line
    edits: tuple[Edit, ...]
    why: str
    settled: bool


@dataclass(slots=True)
class _Ledger:
    """The document as far as it is settled, and for each text that was changed how it was read before, and why.

    `kept` holds every state, so that no two texts ever have one id.
    """

    content: Content
    taken: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    backed: set[int] = field(default_factory=set)
    kept: list[Content] = field(default_factory=list)

    def change(self, changes: Iterable[_Change]) -> None:
        """Make changes of texts."""
        new: dict[int, Cell | Line] = {}
        for one in changes:
            block: Cell | Line = with_text(one.block, one.edits, settled=one.settled)
            self.taken[id(block)] = [*self.taken.get(id(one.block), ()), (one.block.text, block.text, one.why)]
            new[id(one.block)] = block
        if new:
            self.kept.append(self.content)
            blocks = tuple(_with_blocks(block, new) for block in self.content.blocks)
            self.content = replace(self.content, blocks=blocks)


def settle_readings(content: Content) -> Settled:
    """The document with its recognised texts read as its forms' knowledge says, and its forms."""
    if not any(_has_reading(block) for block in content.blocks):
        return Settled(content, tuple(map(ReadForm, find_forms(content))))
    ledger = _Ledger(content)
    ledger.change(_by_terms(content))
    ledger.change(_by_titles(ledger.content))
    if find_forms(ledger.content):
        ledger.change(_by_words(ledger.content))
    for step in _STEPS:
        ledger.change([change for parts in find_forms(ledger.content) for change in step(parts, ledger)])
    placed: set[int] = set()
    forms = tuple(_with_findings(parts, ledger, placed) for parts in find_forms(ledger.content))
    lost = [block for block in _texts(ledger.content) if id(block) in ledger.taken and id(block) not in placed]
    rest = [finding for block in lost for finding in _decided(Place(block, Holds.TERM, "documents"), ledger)]
    return Settled(ledger.content, forms, tuple(rest))


def _has_reading(block: Table | Line) -> bool:
    if isinstance(block, Line):
        return block.reading is not None
    return any(cell.reading is not None for cell in block.cells)


def _texts(content: Content) -> Iterator[Cell | Line]:
    for block in content.blocks:
        yield from (block,) if isinstance(block, Line) else block.cells


def _with_blocks(block: Table | Line, new: Mapping[int, Cell | Line]) -> Table | Line:
    """The block with the texts replaced that are among the new ones; itself where none is."""
    if isinstance(block, Line):
        line = new.get(id(block))
        return line if isinstance(line, Line) else block
    cells = tuple(cell if isinstance(cell := new.get(id(one)), Cell) else one for one in block.cells)
    return block if all(a is b for a, b in zip(cells, block.cells, strict=True)) else replace(block, cells=cells)


# ---------------------------------------------------------------------------------------------------------------------
# Steps
# ---------------------------------------------------------------------------------------------------------------------


def _by_terms(content: Content) -> Iterator[_Change]:
    word = "The text is no word that a form prints there, and the reading taken is one."
    piece = "The text is a piece of the label before it."
    for block in content.blocks:
        for text, choice in decide_terms(block):
            yield _change(text, choice, word if choice.text else piece)


def _by_titles(content: Content) -> Iterator[_Change]:
    for text, choice in decide_titles(content):
        yield _change(text, choice, "The same title is printed elsewhere in the document, and better read there.")


def _by_words(content: Content) -> Iterator[_Change]:
    repeated = "The same words stand elsewhere in the document, and were surely read there."
    words = "The text is no word as it was read, and the reading taken is one."
    for block, edits, is_repeated in decide_words(content):
        yield _Change(block, edits, repeated if is_repeated else words, settled=is_repeated)


def _by_money_unit(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    heads = [cell for part in parts.money if part.head for cell in head_cells(part.head)]
    sides = [cell for part in parts.money for row in part.rows[:1] for cell in row.covering]
    over = [block for strip in (*parts.over, *parts.labels) for block in blocks_of(strip)]
    for block, choice in decide_money_unit([*heads, *sides, *over]) if parts.money else ():
        yield _change(block, choice, "The form prints no unit for its amounts but so.")


def _by_columns(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    """What other columns than those of values hold; units come before the values that stand beside them."""
    return _chosen(parts, lambda place: place.holds in _WHY and place.holds is not Holds.VALUE)


def _by_years(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    """A title or label whose year is not sure, by the year that another text of the form names surely."""
    years = sure_years(parts)
    why = "Another text of the form names this year, and was surely read."
    for place in places_of(parts, form_cells(parts)) if years else ():
        reading, own = aligned(place.block), find_years(place.block.text)
        if reading is None or place.holds is not Holds.YEAR or not own or years.issuperset(own):
            continue
        every = alternatives(place.block.text, reading, unsure_only=True)
        same = [one for one in every if (named := find_years(one.text)) and years.issuperset(named)]
        if same:
            yield _Change(place.block, same[0].edits, why, settled=True)


def _by_values(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    return _chosen(parts, lambda place: place.holds is Holds.VALUE)


def _chosen(parts: FormParts, is_asked: Callable[[Place], bool]) -> Iterator[_Change]:
    for place, reading in _asked(parts, is_asked):
        text = place.block.text
        choice = choose(text, reading, place.holds, place.known) or near_word(text, reading, place.holds)
        if choice:
            why = f"The text stands in {_WHY[place.holds]}, which could not hold it as it was read."
            yield _change(place.block, choice, why)


def _asked(parts: FormParts, is_asked: Callable[[Place], bool]) -> Iterator[tuple[Place, Reading]]:
    """The places that are asked, each text once, with their readings."""
    seen: set[int] = set()
    for place in places_of(parts, form_cells(parts)):
        reading = aligned(place.block)
        if reading is not None and id(place.block) not in seen and is_asked(place):
            seen.add(id(place.block))
            yield place, reading


def _by_ends(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    """What stands beside texts of other columns than those of values, and is not of them."""
    return _cut(parts, lambda place: place.holds is not Holds.VALUE)


def _by_ends_of_values(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    return _cut(parts, lambda place: place.holds is Holds.VALUE)


def _cut(parts: FormParts, is_asked: Callable[[Place], bool]) -> Iterator[_Change]:
    why = "What stands beside the text is not of it: its column holds nothing like that."
    for place, reading in _asked(parts, is_asked):
        choice = choose_without_ends(place.block.text, reading, place.holds, place.known)
        if choice:
            yield _change(place.block, choice, why)


def _by_signs(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    why = "The sign shows in part: the form's other operators, the recogniser or the word that it ends say which it is."
    operators = form_operators(places_of(parts, form_cells(parts)))
    for place, reading in _asked(parts, lambda _: True):
        is_target = place.column == "target_raw"
        choice = choose_sign(place.block.text, reading, place.holds, operators, is_target=is_target)
        if choice:
            yield _change(place.block, choice, why)


def _by_units(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    why = "Target and actual of one indicator are of one unit, and the recogniser thinks of it."
    for cell, choice in decide_per_cent(form_cells(parts).rows):
        yield _change(cell, choice, why)


def _by_operators(parts: FormParts, _: _Ledger) -> Iterator[_Change]:
    why = "An operator stands before the target: the form's other rows or the score agree, and so may the recogniser."
    for cell, choice in decide_operators(form_cells(parts).rows):
        yield _change(cell, choice, why)


def _by_sums(parts: FormParts, ledger: _Ledger) -> Iterator[_Change]:
    """What the arithmetic reads otherwise; what it backs is kept in the ledger."""
    cells = form_cells(parts)
    places = places_of(parts, cells)
    answer = decide_sums(parts, cells, places)
    for place in places:
        key = key_of(place)
        if key in answer.taken:
            one, name = answer.taken[key]
            why = f"Only so the form's figures agree: {name}."
            edits = _whole(place.block.text, one, is_backed=key in answer.backed)
            yield _Change(place.block, edits, why, settled=True)
        elif key in answer.backed:
            ledger.backed.add(id(place.block))


def _whole(before: str, one: Alternative, *, is_backed: bool) -> tuple[Edit, ...]:
    """The edits of a reading; of a number that the arithmetic forces all digits are as sure as the changed ones."""
    return (Edit(0, len(before), one.text),) if is_backed else one.edits


def _change(block: Cell | Line, choice: Choice, why: str) -> _Change:
    more = "" if choice.alone else " Other readings would fit too; this one is by far the likeliest."
    return _Change(block, choice.edits, why + more, settled=choice.settled)


_STEPS = (
    _by_money_unit,
    _by_columns,
    _by_ends,  # units before the values that stand beside them
    _by_years,
    _by_values,
    _by_ends_of_values,
    _by_signs,
    _by_units,
    _by_operators,
    _by_sums,
)


# ---------------------------------------------------------------------------------------------------------------------
# Findings
# ---------------------------------------------------------------------------------------------------------------------


def _with_findings(parts: FormParts, ledger: _Ledger, placed: set[int]) -> ReadForm:
    places = places_of(parts, form_cells(parts))
    placed.update(id(place.block) for place in places)
    decided = [finding for place in _once(places) for finding in _decided(place, ledger)]
    doubted = find_doubts(parts, [place for place in places if id(place.block) not in ledger.backed])
    return ReadForm(parts, (*decided, *doubted))


def _once(places: Sequence[Place]) -> Iterator[Place]:
    """Each text in each of its rows once."""
    seen: set[tuple[int, str, int | None]] = set()
    for place in places:
        key = (id(place.block), place.table, place.row)
        if key not in seen:
            seen.add(key)
            yield place


def _decided(place: Place, ledger: _Ledger) -> Iterator[Finding]:
    for before, after, why in ledger.taken.get(id(place.block), ()):
        yield Finding(
            Code.OCR_DECIDED, why, table=place.table, row=place.row, page=place.block.page, column=place.column,
            raw=before, value=after,
        )  # fmt: skip
