"""The Ray engine, with a cluster of several worker machines on loopback and the command line as its user."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulk.ray_cluster import Cluster, EngineError, compare_versions, connected, installed_versions
from scripts import load_script

kills = load_script("bench/kills.py")

ROOT = Path(__file__).resolve().parents[2]
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


# -- without Ray ------------------------------------------------------------------------------------------------------


def test_ray_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineError, match=r"pip install 'zipingbiao\[ray\]'"), connected(Cluster(None, 1, ())):
        pass


def test_versions_are_compared() -> None:
    ours = installed_versions()
    assert ours["pypdfium2"]
    compare_versions(ours, dict(ours), "10.0.0.1")
    with pytest.raises(EngineError, match=r"Machine 10\.0\.0\.1 .* has zipingbiao 9\.9, this one .*Install the same"):
        compare_versions(ours, {**ours, "zipingbiao": "9.9"}, "10.0.0.1")
    with pytest.raises(EngineError, match="has no zipingbiao"):
        compare_versions(ours, {}, "10.0.0.1")


# -- with Ray ---------------------------------------------------------------------------------------------------------


class Scene:
    """A cluster in a network of its own, so that nothing listens outside; and commands run beside it."""

    def __init__(self, tmp_path: Path) -> None:
        self._folder = tmp_path
        self.mark = str(tmp_path)
        apart = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$0" "$@"']
        self._is_apart = subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0
        script = [sys.executable, str(Path(__file__).with_name("ray_scene.py"))]
        self._process = subprocess.Popen(
            [*apart, *script] if self._is_apart else script,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}{os.pathsep}{Path(__file__).parent}"},
        )  # fmt: skip
        self.address = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the cluster ended"
        return line

    def order(self, line: str) -> None:
        """Give the cluster an order and wait until it is carried out."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        assert self._line() == "done"

    def start(self, *command: object, **environment: str) -> "subprocess.Popen[str]":
        """Start a command beside the cluster."""
        inside = ["nsenter", "-t", str(self._process.pid), "-n"] if self._is_apart else []
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}{os.pathsep}{Path(__file__).parent}"
        return subprocess.Popen(
            [*inside, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **EPOCH, kills.MARK: self.mark, "PYTHONPATH": path, **environment}, cwd=self._folder,
        )  # fmt: skip

    def zipingbiao(self, *arguments: object) -> "subprocess.Popen[str]":
        """Start the command line on the cluster."""
        return self.start(
            sys.executable, "-m", "cli", "run", *arguments, "--engine", "ray", "--address", self.address, "--log-json"
        )

    def close(self) -> None:
        """End the cluster."""
        try:
            self._process.communicate("quit\n", timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A cluster with two worker machines of one core."""
    if importlib.util.find_spec("ray") is None:
        assert "CI" not in os.environ, "CI installs the extra"
        pytest.skip("Ray is an extra: pip install '.[ray]'")
    made = Scene(tmp_path_factory.mktemp("scene"))
    try:
        made.order("add")
        made.order("add")
        yield made
    finally:
        made.close()


def _local(inbox: Path, out: Path) -> None:
    command = [sys.executable, "-m", "cli", "run", str(inbox), "--out", str(out), "--timeout", "60"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env={**os.environ, **EPOCH})
    assert done.returncode in (0, 3), done.stderr


def _lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.slow
def test_a_lost_machine_changes_no_byte(scene: Scene, tmp_path: Path) -> None:
    kills.fill(tmp_path / "in", 36)
    scene.order("add")
    run = scene.zipingbiao(tmp_path / "in", "--out", tmp_path / "out", "--timeout", 60)
    assert run.stderr is not None
    lines = [run.stderr.readline() for _ in range(4)]
    scene.order("remove 2")
    out, err = run.communicate(timeout=120)
    assert run.returncode == 3, (out, err)
    events = _lines("".join(lines) + err)
    assert [event["event"] for event in events].count("document") == 37
    _local(tmp_path / "in", tmp_path / "local")
    assert kills.files(tmp_path / "out") == kills.files(tmp_path / "local")


@pytest.mark.slow
def test_what_workers_do_not_see_is_sent(scene: Scene, tmp_path: Path) -> None:
    """The driver alone sees a file system mounted for it."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may mount a file system for one process")
    hidden = tmp_path / "in"
    hidden.mkdir()
    for name in ("seed-one-page", "anhui", "tianjin"):
        shutil.copy(ROOT / "fixtures" / "pdf" / f"{name}.pdf", tmp_path)
    command = (
        f'mount -t tmpfs none "{hidden}" && cp "{tmp_path}"/*.pdf "{hidden}" && exec "{sys.executable}" -m cli run'
        f' "{hidden}" --out "{tmp_path / "out"}" --engine ray --address {scene.address} --log-json'
    )
    run = scene.start("unshare", "-m", "sh", "-c", command)
    out, err = run.communicate(timeout=90)
    assert run.returncode == 0, (out, err)
    assert list(hidden.iterdir()) == []
    for file in tmp_path.glob("*.pdf"):
        file.rename(hidden / file.name)
    _local(hidden, tmp_path / "local")
    assert kills.files(tmp_path / "out") == kills.files(tmp_path / "local")


@pytest.mark.slow
@pytest.mark.parametrize("is_seen", [True, False], ids=["spool in sight", "spool sent"])
def test_members_of_archives_go_to_workers(scene: Scene, tmp_path: Path, is_seen: bool) -> None:
    """They lie in the output folder's spool, which the driver alone sees where the folder is mounted for it."""
    if not is_seen and (os.geteuid() != 0 or shutil.which("unshare") is None):
        pytest.skip("only root may mount a file system for one process")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for name in ("seed-one-page", "anhui", "tianjin"):
            archive.write(ROOT / "fixtures" / "pdf" / f"{name}.pdf", f"d/{name}.pdf")
    place, out = tmp_path / "place", tmp_path / "out"
    place.mkdir()
    mount = "" if is_seen else f'mount -t tmpfs none "{place}" && '
    command = (
        f'{mount}"{sys.executable}" -m cli run "{tmp_path / "in.zip"}" --out "{place / "out"}" --engine ray'
        f' --address {scene.address} --log-json && ls -A "{place / "out" / ".zipingbiao"}"'
        f' && cp -r "{place / "out"}" "{out}"'
    )
    run = scene.start(*(() if is_seen else ("unshare", "-m")), "sh", "-c", command)
    printed, err = run.communicate(timeout=90)
    assert run.returncode == 0, (printed, err)
    assert "spool" not in printed
    paths = {line["path"] for line in _lines(err) if line["event"] == "document"}
    assert paths == {f"{tmp_path / 'in.zip'}!/d/{name}.pdf" for name in ("seed-one-page", "anhui", "tianjin")}
    _local(tmp_path / "in.zip", tmp_path / "local")
    assert kills.files(out) == kills.files(tmp_path / "local")


_KILLER = """
import multiprocessing, os, signal, sys
from pathlib import Path
from literal import read_literal
from pipeline import Engine, Options, run

if __name__ == "__main__":
    import ray_killer
    options = Options(engine=Engine.RAY, address=sys.argv[3], workers=2, timeout_s=30)
    run([sys.argv[1]], sys.argv[2], options, read=ray_killer.read_or_kill)
"""


@pytest.mark.slow
def test_a_document_that_kills_workers_is_set_aside(scene: Scene, tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    for name, word in {"a": "ok", "b": "worker", "c": "worker-once", "d": "ok", "e": "abort", "f": "damaged"}.items():
        (inbox / f"{name}.pdf").write_text(f"{word} {name}")
    (tmp_path / "script.py").write_text(_KILLER)
    run = scene.start(sys.executable, tmp_path / "script.py", inbox, tmp_path / "out", scene.address)
    out, err = run.communicate(timeout=90)
    assert run.returncode == 0, (out, err)
    import pyarrow.parquet as pq

    rows = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    codes = {Path(row["path"]).stem: row["error_code"] for row in rows}
    assert codes == {"a": None, "b": "crashed", "c": None, "d": None, "e": "crashed", "f": "damaged"}
    errors = {Path(row["path"]).stem: row["error"] for row in rows}
    assert "workers were lost 3 times" in errors["b"]
    assert "SIGABRT" in errors["e"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_a_run_on_a_cluster(scene: Scene, tmp_path: Path, number: signal.Signals) -> None:
    kills.fill(tmp_path / "in", 150)
    run = scene.zipingbiao(tmp_path / "in", "--out", tmp_path / "out")
    assert run.stderr is not None
    first = run.stderr.readline()
    assert json.loads(first)["event"] == "document"
    run.send_signal(number)
    started = time.monotonic()
    out, err = run.communicate(timeout=60)
    assert time.monotonic() - started < 30
    assert run.returncode == 130, (out, err)
    assert "by a signal" in out
    written = (tmp_path / "out" / "documents.csv").read_text("utf-8-sig").splitlines()
    assert 2 <= len(written) < 151
    assert "Traceback" not in err


_OTHER_VERSION = """
import bulk.ray_cluster, cli

if __name__ == "__main__":
    here = {**bulk.ray_cluster.installed_versions(), "zipingbiao": "9.9"}
    bulk.ray_cluster.installed_versions = lambda: here
    cli.main()
"""


@pytest.mark.slow
def test_a_machine_with_another_version_is_named(scene: Scene, tmp_path: Path) -> None:
    shutil.copy(ROOT / "fixtures" / "pdf" / "anhui.pdf", tmp_path)
    (tmp_path / "script.py").write_text(_OTHER_VERSION)
    command = (sys.executable, tmp_path / "script.py", "run", tmp_path / "anhui.pdf", "--out", tmp_path / "out")
    run = scene.start(*command, "--engine", "ray", "--address", scene.address)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (1, "")
    assert f"has zipingbiao {installed_versions()['zipingbiao']}, this one 9.9" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_cluster_that_is_not_there(scene: Scene, tmp_path: Path) -> None:
    shutil.copy(ROOT / "fixtures" / "pdf" / "anhui.pdf", tmp_path)
    command = (sys.executable, "-m", "cli", "run", tmp_path / "anhui.pdf", "--out", tmp_path / "out", "--engine", "ray")
    run = scene.start(*command, "--address", "127.0.0.1:1")
    out, err = run.communicate(timeout=100)
    assert (run.returncode, out) == (1, "")
    assert "No Ray cluster can be reached at 127.0.0.1:1" in err
    assert "Traceback" not in err
