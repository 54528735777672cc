"""The wheel: what it holds, and that it runs where nothing else of the project is.

By default the test environment's libraries are lent to the wheel's environment. With ZIPINGBIAO_BARE_VENV=1, as in CI,
pip installs them from the index into an environment that holds nothing else.
"""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = (
    "cli.py", "cli_options.py", "cli_progress.py", "cli_summary.py", "model.py", "pipeline.py", "pipeline_options.py",
    "pipeline_read.py", "watch.py",
)  # fmt: skip
ROOMS = ("bulk", "extract", "normalize", "output")

pytestmark = pytest.mark.slow


def _run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [*map(str, command)], capture_output=True, encoding="utf-8", check=False, timeout=900, **options
    )


def _is_setuptools_new() -> bool:
    return int(importlib.metadata.version("setuptools").split(".")[0]) >= 77


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what it is made of: a build beside the sources would pick up its own leavings."""
    if not _is_setuptools_new():
        assert "CI" not in os.environ, "the dev extra brings setuptools 77"
        pytest.skip("setuptools 77 is not there: pip install '.[dev]'")
    source = tmp_path_factory.mktemp("source")
    for name in (*MODULES, "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    for name in (*ROOMS, "tests", "fixtures"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.pdf"))
    folder = tmp_path_factory.mktemp("wheel")
    done = _run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, source
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("zipingbiao-*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `zipingbiao` of an environment that the wheel is installed into."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    bare = os.environ.get("ZIPINGBIAO_BARE_VENV") == "1"
    alone = [] if bare else ["--no-deps"]
    done = _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *alone, wheel)
    assert done.returncode == 0, done.stderr
    if not bare:
        lent = sysconfig.get_paths()["purelib"]
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "lent.pth").write_text(lent)
    return folder / "bin" / "zipingbiao"


def test_wheel_holds_the_code_and_the_tables_and_nothing_else(wheel: Path) -> None:
    expected = set(MODULES)
    for room in ROOMS:
        expected |= {file.relative_to(ROOT).as_posix() for file in (ROOT / room).rglob("*.py")}
    tables = [file for file in (ROOT / "normalize" / "tables").iterdir() if file.is_file()]
    expected |= {file.relative_to(ROOT).as_posix() for file in tables}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected
    assert any(name.startswith("normalize/tables/") for name in held)


def test_the_command_runs_on_its_own(command: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def zipingbiao(*arguments: object) -> subprocess.CompletedProcess[str]:
        return _run(command, *arguments, cwd=tmp_path, env=environment)

    assert zipingbiao("--help").returncode == 0
    assert "| name_repaired | info |" in zipingbiao("schema", "--markdown").stdout
    version = zipingbiao("--version").stdout
    assert version == f"zipingbiao {_declared_version()}\n"
    done = zipingbiao("run", ROOT / "fixtures" / "pdf" / "seed-one-page.pdf", "--out", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "indicator rows 10" in done.stdout
    assert (tmp_path / "out" / "indicators.parquet").is_file()


def _declared_version() -> str:
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as handle:
        return str(tomllib.load(handle)["project"]["version"])
