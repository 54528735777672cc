"""kill -9 at random moments of a run, the same command again until it is done: is the output that of a quiet run?

    python bench/kills.py [--kills N] [--seed N] [--workers N] [--documents N]

Reads copies of the fixtures. Each kill hits a run into an empty folder at a moment drawn from the whole length of a
quiet run, writing of the tables included. Exits with 1 if the output differs by a byte, or a process of a killed run
lives on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
MARK = "ZIPINGBIAO_BENCH_MARK"
DIE_S = 5.0


@dataclass(frozen=True, slots=True)
class Kill:
    """A run killed: after how many seconds, what was known of it to the next one, and what was wrong afterwards."""

    after_s: float
    known: str
    differing: list[str]
    orphans: list[str]


def command(inbox: Path, out: Path, workers: int) -> list[str]:
    """The command under test."""
    return [sys.executable, "-m", "cli", "run", str(inbox), "--out", str(out), "--workers", str(workers)]


def start(command: Sequence[str], mark: str) -> subprocess.Popen[str]:
    """Start a command whose processes, all of them, are known by a mark in their environment."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONPATH": str(ROOT), MARK: mark}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )


def marked(mark: str) -> Iterator[str]:
    """Command lines of living processes with a mark."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue


def orphans(mark: str) -> list[str]:
    """What is left of a killed run after a while in which it may end."""
    until = time.monotonic() + DIE_S
    while (left := list(marked(mark))) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def files(out: Path) -> dict[str, str]:
    """The output files that readers see, with the sha256 of their bytes."""
    return {
        str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(out).parts)
    }


def kill_once(inbox: Path, out: Path, workers: int, after_s: float, quiet: dict[str, str]) -> Kill:
    """Kill a run after some seconds, finish it with the same command, and compare."""
    shutil.rmtree(out, ignore_errors=True)
    mark = uuid4().hex
    with start(command(inbox, out, workers), mark) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
    left = orphans(mark)
    again = start(command(inbox, out, workers), uuid4().hex)
    printed = again.communicate()[0]
    known = printed.partition(", ")[2].partition(" known")[0].rpartition(" ")[2] or "?"
    got = files(out)
    differing = sorted(name for name in quiet.keys() | got.keys() if quiet.get(name) != got.get(name))
    return Kill(after_s, known, differing, left)


def kill_many(inbox: Path, folder: Path, workers: int, kills: int, seed: int) -> Iterator[Kill]:
    """Kill runs at moments drawn from the length of a quiet one."""
    begun = time.monotonic()
    start(command(inbox, folder / "quiet", workers), uuid4().hex).communicate()
    length = time.monotonic() - begun
    quiet = files(folder / "quiet")
    assert quiet, "the quiet run wrote nothing"
    rng = random.Random(seed)
    for number in range(kills):
        after_s = length * (number + rng.random()) / kills  # one in each part of the run
        yield kill_once(inbox, folder / "killed", workers, after_s, quiet)


def fill(inbox: Path, documents: int) -> None:
    """Copies of the fixtures, each with bytes of its own."""
    inbox.mkdir()
    sources = sorted((ROOT / "fixtures" / "pdf").glob("*.pdf"))
    for number in range(documents):
        data = sources[number % len(sources)].read_bytes()
        (inbox / f"{number:04}.pdf").write_bytes(data + b"\n%% %d\n" % number)
    (inbox / "empty.pdf").write_bytes(b"")


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill runs and say what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--documents", type=int, default=40)
    options = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder) / "in"
        fill(inbox, options.documents)
        for kill in kill_many(inbox, Path(folder), options.workers, options.kills, options.seed):
            is_right = not kill.differing and not kill.orphans
            wrong += not is_right
            verdict = "identical" if is_right else f"DIFFERS {kill.differing} LEFT {kill.orphans}"
            print(f"killed after {kill.after_s:5.2f} s, {kill.known:>3} known to the next run: {verdict}", flush=True)
    print(f"{options.kills} kills, {wrong} with another output or processes left over")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
