"""Targets, actuals, amounts, rates and weights: one cell's text to one typed value that keeps the printed text."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from normalize.blanks import is_blank, is_blank_number
from normalize.cases import fold, squeeze
from normalize.dates import is_maybe_date, read_date
from normalize.markup import strip_markup
from normalize.numbers import find_leads, has_broken_digits, parse_number
from normalize.operators import Bound, Operator, OperatorSource, split_bound
from normalize.quantities import Quantity, read_quantity
from normalize.units import Unit, find_unit_behind, is_same_unit, parse_unit

__all__ = [
    "Amount",
    "Note",
    "Printed",
    "Value",
    "ValueKind",
    "parse_actual",
    "parse_amount",
    "parse_number",
    "parse_rate",
    "parse_value",
    "parse_weight",
]

_ONE = Decimal(1)
_YEARS = range(1990, 2100)
_MAYBE_DASH = ("一",)  # the numeral, or a dash typed or read as it
_OTHER_BOUND = frozenset("<>=≥≤0123456789")  # >95%且<100%: one operator of two says nothing
_LONGEST = 100  # characters; a longer cell is prose
_STRAY_END = "。;"
_SHARE_SIGNS = ("%", "‰")
_MIDNIGHT = re.compile(r"\s+0?0:00(?::00)?\s*$")
_RATIO = re.compile(r"[0-9]+(?:\.[0-9]+)?(?::[0-9]+(?:\.[0-9]+)?)+")
_RANGE = re.compile(r"([^-~–—―至到]+)(?:[-~–—―]{1,2}|至|到)([^-~–—―至到]+)")
_LIST = re.compile(r"[、,;+和与及]")
_FUSED = re.compile(r"(?![0-9]+\.[0-9]+$)[0-9]+(?:[.,%‰、;+]+[0-9]+)+[%‰]?")
_EMPTY_FILL = re.compile(r"\*+|[Xx×]{2,4}")
_YUAN_SIGN = re.compile(r"^([+-]?)¥(?=[0-9])")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?")
_BRACKETED = re.compile(r"\((.*)\)")


class ValueKind(StrEnum):
    """What a cell holds. BLANK: nothing, a placeholder (/ — ……) or an operator and a unit without a number (≥个)."""

    NUMBER = "number"
    RANGE = "range"
    DATE = "date"
    RATIO = "ratio"
    TEXT = "text"
    BLANK = "blank"


class Note(StrEnum):
    """Something about a value that its row must tell in a finding."""

    SEVERAL_NUMBERS = "several_numbers"  # more than one number in the cell: none is taken
    UNIT_UNKNOWN = "unit_unknown"  # the number is read, its unit is in no table
    UNIT_CONFLICT = "unit_conflict"  # the cell and the unit column print different units; the cell's is taken
    OPERATOR_CONFLICT = "operator_conflict"  # two operators that contradict each other: none is taken


@dataclass(frozen=True, slots=True)
class Value:
    """A target or actual.

    `number` is set for NUMBER and RANGE (its lower end), `maximum` for RANGE, `date` for DATE, magnitudes taken in.
    `unit` is canonical with the magnitude taken out, `unit_raw` as printed in the cell or in the unit column,
    `unit_factor` what an actual without a unit takes over with the unit (10000 of ≤90万元). A target of any kind has
    the unit of its column; an actual that is no number has none.
    """

    raw: str
    kind: ValueKind
    number: Decimal | None = None
    maximum: Decimal | None = None
    date: datetime.date | None = None
    operator: Operator | None = None
    operator_raw: str | None = None
    operator_source: OperatorSource | None = None
    unit: str | None = None
    unit_raw: str | None = None
    unit_factor: Decimal = _ONE
    notes: frozenset[Note] = frozenset()


# ---------------------------------------------------------------------------------------------------------------------
# Targets and actuals
# ---------------------------------------------------------------------------------------------------------------------


def parse_value(text: str, unit_column: str | None = None) -> Value:
    """Read a target. `unit_column` is the unit from its own column or from the name's brackets, as printed.

    A cell is read as one value or not at all: an operator in symbols or words, a number and a unit (or a range, a date,
    a ratio), and nothing else. A unit that no table knows is taken where it can be nothing else, with a note.
    """
    unit = parse_unit(unit_column) if unit_column else None
    value = _read_cell(text, unit)
    return value if value.unit_raw or not unit_column else replace(value, unit_raw=unit_column)


def parse_actual(text: str, target: Value) -> Value:
    """Read an actual beside its target. Without a unit it takes the target's, magnitude included.

    90 beside ≤90万元 is 900000 元; 333万 beside 350000 份 is 3330000 份. `unit_raw` is None where no unit is printed.
    """
    has_unit = target.unit is not None or target.unit_factor != _ONE
    unit = Unit(target.unit_raw or "", target.unit, target.unit_factor) if has_unit else None
    value = _read_cell(text, unit)
    notes = value.notes - {Note.UNIT_CONFLICT}  # the caller compares the two units
    if value.number is None:
        return replace(value, unit=None, unit_raw=None, unit_factor=_ONE)
    return replace(value, notes=notes)


def _read_cell(text: str, unit: Unit | None) -> Value:
    """A value whose `unit_raw` is the unit printed in the cell itself."""
    if len(text) > _LONGEST:
        return _fill(Value(text, ValueKind.TEXT), unit)
    return _read_short_cell(text, unit)


@lru_cache(maxsize=8192)
def _read_short_cell(text: str, unit: Unit | None) -> Value:
    cell = _MIDNIGHT.sub("", strip_markup(text))
    folded, printed = fold(cell), squeeze(cell)
    if is_blank(folded):
        return _fill(Value(text, ValueKind.BLANK), unit)
    if has_broken_digits(cell):
        return _fill(Value(text, ValueKind.TEXT, notes=frozenset({Note.SEVERAL_NUMBERS})), unit)
    if folded[-1] in _STRAY_END:
        folded, printed = folded[:-1], printed[:-1]
    bound = split_bound(folded, printed)
    core, core_printed = folded[bound.start : bound.end], printed[bound.start : bound.end]
    value = _read_number(text, core, core_printed, unit) or _read_range(text, core, core_printed, unit)
    if value is not None:
        return _bind(value, bound)
    dated = split_bound(folded, printed, dated=True)
    if day := read_date(folded[dated.start : dated.end]):
        return _bind(Value(text, ValueKind.DATE, date=day), dated)
    value = _read_rest(text, core, core_printed, unit, has_operator=bound.operator is not None and not bound.words)
    return value if bound.words or not _OTHER_BOUND.isdisjoint(core) else _bind(value, bound)


def _bind(value: Value, bound: Bound) -> Value:
    if bound.source is None:
        return value
    notes = value.notes | {Note.OPERATOR_CONFLICT} if bound.conflict else value.notes
    operator = bound.operator
    source = bound.source if operator else None
    return replace(value, operator=operator, operator_raw=bound.raw, operator_source=source, notes=notes)


def _fill(value: Value, unit: Unit | None) -> Value:
    """A value that is no number, with the unit of its column."""
    return value if unit is None else replace(value, unit=unit.name, unit_factor=unit.factor)


def _quantity_to_value(text: str, quantity: Quantity) -> Value:
    notes = frozenset(
        note
        for note, holds in ((Note.UNIT_UNKNOWN, not quantity.known), (Note.UNIT_CONFLICT, quantity.conflict))
        if holds
    )
    return Value(
        text,
        ValueKind.NUMBER,
        quantity.number,
        unit=quantity.unit,
        unit_raw=quantity.unit_raw,
        unit_factor=quantity.factor,
        notes=notes,
    )


def _read_number(text: str, core: str, printed: str, unit: Unit | None) -> Value | None:
    if core in _MAYBE_DASH:
        return None
    quantity = read_quantity(core, printed, unit)
    if quantity is None or (is_maybe_date(core) and (core[-1] == "年" or quantity.unit is None)):
        return None
    return _quantity_to_value(text, quantity)


def _read_range(text: str, core: str, printed: str, unit: Unit | None) -> Value | None:
    """1-2次, 90%-95%, 3～5, 1.5万-2万元. The lower end takes over what stands behind the upper one's digits."""
    found = _RANGE.fullmatch(core)
    if found is None:
        return None
    upper = read_quantity(found[2], printed[found.start(2) :], unit)
    if upper is None:
        return None
    lower = _read_lower_end(found[1], found[2], upper, unit)
    if lower is None or lower.number >= upper.number or not is_same_unit(lower.unit, upper.unit):
        return None
    if upper.unit in (None, "年") and lower.number in _YEARS and upper.number in _YEARS:
        return None
    return replace(_quantity_to_value(text, upper), kind=ValueKind.RANGE, number=lower.number, maximum=upper.number)


def _read_lower_end(lower: str, upper: str, whole: Quantity, unit: Unit | None) -> Quantity | None:
    """The lower end of a range whose upper end, `upper`, is read as `whole`. 三至五万 leaves open what 三 is."""
    own, other = find_leads(lower), find_leads(upper)
    if own and other and not own[0].rest and other[0].rest:
        completed = lower + other[0].rest
        return None if other[0].own else read_quantity(completed, completed, unit)
    quantity = read_quantity(lower, lower, unit)
    return replace(quantity, unit=whole.unit) if quantity is not None and quantity.unit is None else quantity


def _read_rest(text: str, core: str, printed: str, unit: Unit | None, *, has_operator: bool) -> Value:
    """What is no value: a ratio, the empty form of a value (≥个, ≥***%), or text."""
    if _RATIO.fullmatch(core):
        return _fill(Value(text, ValueKind.RATIO), unit)
    fill = _EMPTY_FILL.match(core)
    if fill or has_operator or core in _SHARE_SIGNS:
        empty = _read_empty(text, core[fill.end() :] if fill else core, printed, unit)
        if empty is not None:
            return empty
    notes = frozenset({Note.SEVERAL_NUMBERS}) if _holds_several_numbers(core) else frozenset()
    return _fill(Value(text, ValueKind.TEXT, notes=notes), unit)


def _read_empty(text: str, rest: str, printed: str, unit: Unit | None) -> Value | None:
    """A value whose number is left out, with the unit `rest` or the column's."""
    if not rest:
        return _fill(Value(text, ValueKind.BLANK), unit)
    behind = find_unit_behind(rest, printed[-len(rest) :], numeral=False)
    if behind is None or not behind.known:
        return None
    return _fill(Value(text, ValueKind.BLANK, unit_raw=behind.raw), behind)


def _holds_several_numbers(core: str) -> bool:
    """A list of quantities (2,3; 5个、6个), one twice (854万854万) or fused neighbours (310.2154.741050%5)."""
    if _FUSED.fullmatch(core):
        return True
    half = len(core) // 2
    is_doubled = core[:half] == core[half:] and not core.isdigit()
    parts = [core[:half], core[half:]] if is_doubled else _LIST.split(core)
    return len(parts) > 1 and all(read_quantity(part, part, None) for part in parts)


# ---------------------------------------------------------------------------------------------------------------------
# Money, rates, weights and scores
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell of a column of numbers. `number` None and `blank` False: it holds something that is no number."""

    raw: str
    number: Decimal | None = None
    blank: bool = False

    @property
    def understood(self) -> bool:
        """Whether the cell is a number or blank."""
        return self.blank or self.number is not None


@dataclass(frozen=True, slots=True)
class Amount:
    """A money cell. `number` is as printed; `factor` is what the cell's own unit makes of it (150万 10000, 5元 1).

    `factor` None: the unit of the column counts.
    """

    raw: str
    number: Decimal | None = None
    factor: Decimal | None = None
    blank: bool = False

    @property
    def understood(self) -> bool:
        """Whether the cell is an amount or blank."""
        return self.blank or self.number is not None

    def in_cny(self, unit: str) -> Decimal | None:
        """The exact amount in yuan under a column headed `元` or `万元`; None where there is none."""
        if self.number is None:
            return None
        if self.factor is not None:
            return self.number * self.factor
        return self.number * (10000 if unit == "万元" else 1)


def parse_amount(text: str) -> Amount:
    """Read a money cell: 1,234.56, -3,361,340.55, 150万, 1.2亿元. (1,000.00) is not understood: a weight or a minus."""
    if is_blank_number(text):
        return Amount(text, blank=True)
    joined = _join_digits(text)
    folded = _YUAN_SIGN.sub(r"\1", fold(joined))
    if has_broken_digits(joined):
        return Amount(text)
    for lead in find_leads(folded):
        if not lead.rest:
            return Amount(text, lead.number, _ONE if lead.own else None)
        unit = find_unit_behind(lead.rest, lead.rest, numeral=lead.numeral)
        if unit is not None and (unit.name == "元" or (unit.name is None and unit.own)):
            return Amount(text, lead.number, unit.factor)
    return Amount(text)


def _join_digits(text: str) -> str:
    """An amount that its narrow cell broke in two (1,23 4.56), where only the whole is a number with comma groups."""
    parts = text.split()
    if len(parts) != 2 or _GROUPED.fullmatch(fold(text)) is None:
        return text
    return "".join(parts) if any(parse_number(part) is None for part in parts) else text


def parse_rate(text: str) -> Printed:
    """Read an execution rate as printed: 99.32, 99.32% and 0.9932 give those numbers."""
    return _read_printed(text, fold(text), ("", "%"))


def parse_weight(text: str) -> Printed:
    """Read a weight or a score: 10, 10分, （10分）; / and — are blank."""
    folded = fold(text)
    inner = _BRACKETED.fullmatch(folded)
    return _read_printed(text, inner[1] if inner else folded, ("", "分", "%"))


def _read_printed(text: str, folded: str, units: tuple[str, ...]) -> Printed:
    if is_blank_number(folded):
        return Printed(text, blank=True)
    leads = () if has_broken_digits(text) else find_leads(folded)
    if leads and not leads[0].numeral and leads[0].rest in units:
        return Printed(text, leads[0].number)
    return Printed(text)
