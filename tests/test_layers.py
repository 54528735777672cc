"""Who may import whom, and what may not be loaded when a module is imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "model": set(),
    "output": {"model", "output"},
    "bulk": {"bulk", "model", "output"},
    "extract": {"extract", "model"},
    "normalize": {"model", "normalize"},
    "pipeline_options": {"bulk", "model", "output"},
    "pipeline_read": {"bulk", "extract", "model", "normalize", "output", "pipeline_options"},
    "pipeline": {"bulk", "model", "normalize", "output", "pipeline_options", "pipeline_read"},
    "cli_options": {"pipeline", "watch"},
    "cli_progress": {"output", "pipeline"},
    "cli_summary": {"cli_progress", "model", "output", "pipeline"},
    "cli": {"cli_options", "cli_progress", "cli_summary", "model", "output", "pipeline", "watch"},
    "watch": {"model", "output"},
}
OURS = {*MAY_IMPORT, "bench", "fixtures", "tests"}
HEAVY = {
    "PIL", "camelot", "cv2", "duckdb", "fsspec", "jieba", "pandas", "pdfplumber", "pyarrow", "rapidocr", "ray", "s3fs",
}  # fmt: skip
"""Loaded inside the functions that use them: each takes a quarter of a second or more."""
FOR_EXTRACT = {"numpy", "pypdfium2"}
"""Loaded at the top of the modules of `extract` only, which itself is loaded at the first document."""

FILES = [
    file for room in MAY_IMPORT for file in sorted([*ROOT.glob(f"{room}.py"), *(ROOT / room).rglob("*.py")])
]


def _room(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(nodes: list[ast.stmt], *, deep: bool) -> Iterator[str]:
    """The first parts of imported names: of whole bodies, or only of what runs when the module is imported."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their room"
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not deep:
            yield from _imports(node.orelse, deep=deep)
        elif deep or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(_statements(node), deep=deep)


def _statements(node: ast.AST) -> list[ast.stmt]:
    """The statements directly inside a statement, those of its handlers and cases included."""
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(node):
        found += [child] if isinstance(child, ast.stmt) else _statements(child)
    return found


def _tree(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text(encoding="utf-8")).body


def test_every_room_is_there() -> None:
    assert {_room(file) for file in FILES} == set(MAY_IMPORT)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_rooms_import_only_what_they_may(file: Path) -> None:
    ours = set(_imports(_tree(file), deep=True)) & OURS
    assert ours <= MAY_IMPORT[_room(file)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_heavy_libraries_are_loaded_where_they_are_used(file: Path) -> None:
    forbidden = HEAVY if _room(file) == "extract" else HEAVY | FOR_EXTRACT
    assert set(_imports(_tree(file), deep=False)) & forbidden == set()


def test_the_finder_of_imports_finds_them() -> None:
    source = """
import a.b
from c.d import e
if TYPE_CHECKING:
    import f
else:
    import g
try:
    import h
except ImportError:
    import i
class K:
    import j
    def method(self):
        import k
def function():
    with x:
        import l
"""
    body = ast.parse(source).body
    assert set(_imports(body, deep=False)) == set("acghij")
    assert set(_imports(body, deep=True)) == set("acfghijkl")


def _broad_excepts(file: Path) -> list[str]:
    handlers = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ExceptHandler)]
    broad = ("", "Exception", "BaseException")
    return [file.name for handler in handlers if (ast.unparse(handler.type) if handler.type else "") in broad]


def test_one_broad_except_at_the_document_boundary() -> None:
    assert [name for file in FILES for name in _broad_excepts(file)] == ["pipeline_read.py"]
