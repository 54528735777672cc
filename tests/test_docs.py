"""The documentation does what it says: its commands run, print what it shows, and its links lead somewhere."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "fixtures").glob("*.md")])
SCRIPTS = ("./demo", "./check", "bash .ci/run")
"""Commands that set the project up: run by people and by CI, not from inside the tests."""


@dataclass(frozen=True)
class Shown:
    """A command of the README, and what it is shown to print, None where nothing is shown."""

    command: str
    output: str | None


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _shown() -> Iterator[Shown]:
    """Commands in order: lines of `sh` blocks; in `console` blocks, lines after `$ ` and what follows them."""
    for kind, block in re.findall(r"^```(sh|console)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        if kind == "sh":
            yield from (Shown(line, None) for line in block.splitlines() if line and not line.startswith("#"))
        else:
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield Shown(command, output)


def _command(shown: Shown) -> str:
    return shown.command.partition("  #")[0].strip()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the project's, where what the commands write does no harm."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("fixtures", "docs"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "bin").mkdir()
    (folder / "bin" / "zipingbiao").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    (folder / "bin" / "zipingbiao").chmod(0o755)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


def _run(workplace: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{workplace / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "SOURCE_DATE_EPOCH": "1700000000",
    }
    return subprocess.run(
        command, cwd=workplace, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


def is_like(shown: str, printed: str) -> bool:
    """Whether the text is what is shown; a line `...` stands for any lines, white space at line ends for nothing."""
    lines = [re.escape(line.rstrip()) for line in shown.rstrip().splitlines()]
    pattern = "\n".join("(?:.*\n)*?.*" if line == re.escape("...") else line for line in lines)
    text = "\n".join(line.rstrip() for line in printed.rstrip().splitlines())
    return re.fullmatch(pattern, text) is not None


def test_is_like() -> None:
    assert is_like("a\n...\nd\n", "a  \nb\nc\nd")
    assert is_like("a\n...\n", "a\nb\n")
    assert not is_like("a\nb", "a\nc")
    assert not is_like("a\n...\nd", "a\nb")


@pytest.mark.slow
def test_commands_run_and_print_what_is_shown(workplace: Path) -> None:
    commands = [shown for shown in _shown() if _command(shown) not in SCRIPTS]
    assert len(commands) >= 5
    for shown in commands:
        done = _run(workplace, "sh", "-c", _command(shown))
        assert "Traceback" not in done.stderr, shown.command
        assert done.returncode == 0, (shown.command, done.stdout, done.stderr)
        if shown.output is not None:
            assert is_like(shown.output, done.stdout), f"{shown.command}\n{done.stdout}"


@pytest.mark.slow
def test_python_examples_run(workplace: Path) -> None:
    examples = _blocks("python")
    assert examples
    for example in examples:
        (workplace / "example.py").write_text(example, encoding="utf-8")
        done = _run(workplace, sys.executable, "example.py")
        assert done.returncode == 0, done.stderr


def test_the_two_commands_are_there() -> None:
    named = {_command(shown) for shown in _shown()}
    assert {"./demo", "./check"} <= named
    for script in ("demo", "check", ".ci/run"):
        assert os.access(ROOT / script, os.X_OK), script


def test_options_that_the_readme_names_exist() -> None:
    known = {"--markdown"}
    for command in ("run", "tables", "status", "query", "evaluate"):
        words = [sys.executable, "-m", "cli", command, "--help"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
        known |= set(re.findall(r"--[a-z-]+", done.stdout))
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose)) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    broken = []
    for link in links:
        target, _, anchor = link.partition("#")
        if re.match(r"https?://", link):
            continue
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(link)
    assert broken == []


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_changelog_knows_the_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as handle:
        version = tomllib.load(handle)["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## .*{re.escape(version)}", changelog, re.MULTILINE)


def test_the_pictures_command_is_given() -> None:
    """The picture in the README is made by the command beside it."""
    assert "pdftoppm" in README
    assert "fixtures/pdf/seed-calc.pdf docs/form" in README
