"""A minimal PDF writer: pages of raw content, so that a test draws any case in a few lines.

Drawing functions give content-stream text. Their coordinates are points from the top left of a page `HEIGHT` high (the
default size), y downwards, as the tables that come out are; text is placed by its baseline. Chinese text is set in
STSong-Light with the predefined CMap UniGB-UCS2-H, which every PDF reader knows without the font: Chinese characters
are one em wide, ASCII half an em.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 595.0, 842.0
EM = 10.0

Line = tuple[float, float, float, float]


@dataclass(frozen=True)
class Xobject:
    """A form XObject: content with its own matrix, and the XObjects that it uses."""

    content: str
    matrix: tuple[float, ...] = (1, 0, 0, 1, 0, 0)
    bbox: tuple[float, ...] = (-5000, -5000, 5000, 5000)
    inner: Mapping[str, Xobject | Picture] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """A picture XObject of one coloured pixel."""

    rgb: tuple[int, int, int] = (255, 0, 0)


@dataclass(frozen=True)
class Sheet:
    """A page: content, size, and page attributes. `extra` is written into the page dictionary as it stands."""

    content: str
    width: float = WIDTH
    height: float = HEIGHT
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None
    xobjects: Mapping[str, Xobject | Picture] = field(default_factory=dict)
    extra: str = ""


def pdf(*sheets: Sheet | str, extra_objects: Sequence[bytes] = (), trailer: str = "") -> bytes:
    """A PDF of these pages, a page given by its content alone having the default size."""
    writer = _Writer()
    pages = [writer.sheet(sheet if isinstance(sheet, Sheet) else Sheet(sheet)) for sheet in sheets]
    kids = " ".join(f"{number} 0 R" for number in pages)
    writer.put(2, f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    for body in extra_objects:
        writer.add(body)
    return writer.close(trailer)


class _Writer:
    FONTS = (
        # 3: Chinese and ASCII; 5: Latin; 6: any code point, told by its ToUnicode map alone; 9: no meaning at all
        (3, "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
            " /DescendantFonts [4 0 R] >>"),
        (4, "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500 814 939 500]"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 10 0 R >>"),
        (5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
        (6, "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H"
            " /DescendantFonts [7 0 R] /ToUnicode 8 0 R >>"),
        (7, "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 1000"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 10 0 R >>"),
        (9, "<< /Type /Font /Subtype /Type0 /BaseFont /None /Encoding /Identity-H /DescendantFonts [7 0 R] >>"),
        (10, "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
             " /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"),
    )  # fmt: skip

    def __init__(self) -> None:
        self.objects: dict[int, bytes] = {}
        self.put(1, "<< /Type /Catalog /Pages 2 0 R >>")
        for number, body in self.FONTS:
            self.put(number, body)
        ranges = "\n".join(f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in range(256))
        blocks = "\n".join(
            f"{len(part)} beginbfrange\n" + "\n".join(part) + "\nendbfrange"
            for part in (ranges.split("\n")[i : i + 100] for i in range(0, 256, 100))
        )
        self.stream(8, "", (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            f"{blocks}\nendcmap end end"
        ).encode())  # fmt: skip

    def put(self, number: int, body: str | bytes) -> int:
        self.objects[number] = body.encode("latin-1") if isinstance(body, str) else body
        return number

    def add(self, body: str | bytes) -> int:
        return self.put(max(self.objects) + 1, body)

    def stream(self, number: int, entries: str, data: bytes) -> int:
        packed = zlib.compress(data)
        head = f"<< {entries} /Length {len(packed)} /Filter /FlateDecode >>\nstream\n"
        return self.put(number, head.encode() + packed + b"\nendstream")

    def resources(self, xobjects: Mapping[str, Xobject | Picture]) -> str:
        named = " ".join(f"/{name} {self.xobject(what)} 0 R" for name, what in xobjects.items())
        return f"<< /Font << /C 3 0 R /L 5 0 R /A 6 0 R /N 9 0 R >> /XObject << {named} >> >>"

    def xobject(self, what: Xobject | Picture) -> int:
        if isinstance(what, Picture):
            entries = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
            return self.stream(max(self.objects) + 1, entries, bytes(what.rgb))
        resources = self.resources(what.inner)
        entries = (
            f"/Type /XObject /Subtype /Form /BBox {_array(what.bbox)} /Matrix {_array(what.matrix)}"
            f" /Resources {resources}"
        )
        return self.stream(max(self.objects) + 1, entries, what.content.encode("latin-1"))

    def sheet(self, sheet: Sheet) -> int:
        resources = self.resources(sheet.xobjects)
        self.objects.setdefault(2, b"")
        content = self.stream(max(self.objects) + 1, "", sheet.content.encode("latin-1"))
        crop = f"/CropBox {_array(sheet.crop)}" if sheet.crop else ""
        return self.add(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sheet.width:g} {sheet.height:g}] {crop}"
            f" /Rotate {sheet.rotate} /Resources {resources} /Contents {content} 0 R {sheet.extra} >>"
        )

    def close(self, trailer: str) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        at = {}
        for number, body in sorted(self.objects.items()):
            at[number] = len(out)
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        start, size = len(out), max(at) + 1
        out += b"xref\n0 %d\n0000000000 65535 f \n" % size
        for number in range(1, size):
            out += b"%010d 00000 n \n" % at[number] if number in at else b"0000000000 65535 f \n"
        out += f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)


def _array(numbers: Sequence[float]) -> str:
    return "[" + " ".join(f"{n:g}" for n in numbers) + "]"


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def text(x: float, y: float, string: str, size: float = EM, font: str = "C") -> str:
    """One text object. Font C: Chinese and ASCII; L: Latin; A: any code point, one em wide; N: without a meaning."""
    return f"BT /{font} {size:g} Tf 1 0 0 1 {x:g} {HEIGHT - y:g} Tm {shown(string, font)} Tj ET\n"


def shown(string: str, font: str = "C") -> str:
    """A string operand in the font's encoding."""
    data = string.encode("cp1252") if font == "L" else string.encode("utf-16-be")
    return f"<{data.hex()}>"


def one_by_one(x: float, y: float, string: str, size: float = EM) -> str:
    """One text object a character, as WPS draws."""
    out = []
    for char in string:
        out.append(text(x, y, char, size))
        x += advance(char, size)
    return "".join(out)


def advance(string: str, size: float = EM) -> float:
    """How wide a string is in font C."""
    return sum(0.5 if char < "\u007f" else 1.0 for char in string) * size


def kerned(x: float, y: float, parts: Sequence[str | float], size: float = EM) -> str:
    """One text object with a TJ array: strings, and moves to the right in points between them."""
    array = " ".join(shown(p) if isinstance(p, str) else f"{-p / size * 1000:g}" for p in parts)
    return f"BT /C {size:g} Tf 1 0 0 1 {x:g} {HEIGHT - y:g} Tm [{array}] TJ ET\n"


def turned(x: float, y: float, string: str, matrix: tuple[float, float, float, float], size: float = EM) -> str:
    """Text under a text matrix (a, b, c, d) of the unturned page, y upwards: (0, 1, -1, 0) runs upwards."""
    a, b, c, d = matrix
    return f"BT /C {size:g} Tf {a:g} {b:g} {c:g} {d:g} {x:g} {HEIGHT - y:g} Tm {shown(string)} Tj ET\n"


def stroke(x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> str:
    """A stroked line."""
    return f"{width:g} w {x0:g} {HEIGHT - y0:g} m {x1:g} {HEIGHT - y1:g} l S\n"


def fill(x0: float, y0: float, x1: float, y1: float) -> str:
    """A filled rectangle."""
    return f"{x0:g} {HEIGHT - y1:g} {x1 - x0:g} {y1 - y0:g} re f\n"


def frame(x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> str:
    """A stroked rectangle."""
    return f"{width:g} w {x0:g} {HEIGHT - y1:g} {x1 - x0:g} {y1 - y0:g} re S\n"


def clipped(x0: float, y0: float, x1: float, y1: float, content: str) -> str:
    """Content under a clip rectangle."""
    return f"q {x0:g} {HEIGHT - y1:g} {x1 - x0:g} {y1 - y0:g} re W n\n{content}Q\n"


def under(matrix: tuple[float, ...], content: str) -> str:
    """Content under a matrix."""
    return f"q {' '.join(f'{m:g}' for m in matrix)} cm\n{content}Q\n"


def grid(xs: Sequence[float], ys: Sequence[float], width: float = 0.5) -> str:
    """A full grid of strokes."""
    return "".join(stroke(xs[0], y, xs[-1], y, width) for y in ys) + "".join(
        stroke(x, ys[0], x, ys[-1], width) for x in xs
    )


def lines(segments: Sequence[Line], width: float = 0.5) -> str:
    """Strokes given by their ends."""
    return "".join(stroke(*segment, width) for segment in segments)


def cells(xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]], size: float = EM) -> str:
    """A line of text in each cell of a full grid, 2 pt from its left side, in the middle of its height."""
    return "".join(
        text(xs[c] + 2, (ys[r] + ys[r + 1]) / 2 + 0.38 * size, string, size)
        for r, row in enumerate(rows)
        for c, string in enumerate(row)
        if string
    )
