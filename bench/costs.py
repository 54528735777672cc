"""What a run costs, watched from outside: time, the processor's time, and memory of a command and its children."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Cost", "run"]

ROOT = Path(__file__).resolve().parent.parent
LOOK_S = 0.25


@dataclass(slots=True)
class Cost:
    """What one command took: seconds by the clock, the parent's processor seconds, peak memory in MiB."""

    seconds: float = 0.0
    parent_cpu_s: float = 0.0
    parent_mib: int = 0
    children_mib: dict[int, int] = field(default_factory=dict)
    children_cpu_s: dict[int, float] = field(default_factory=dict)

    @property
    def worker_mib(self) -> int:
        """The peak of the largest child."""
        return max(self.children_mib.values(), default=0)


def run(*arguments: str | Path) -> Cost:
    """Run `zipingbiao run` and watch it. Raises CalledProcessError where it fails altogether."""
    command = [sys.executable, "-m", "cli", "run", *map(str, arguments)]
    cost, start = Cost(), time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            look(process.pid, cost)
            time.sleep(LOOK_S)
        cost.seconds = time.perf_counter() - start
        if process.returncode not in (0, 3):
            raise subprocess.CalledProcessError(process.returncode, command)
    return cost


def look(pid: int, cost: Cost) -> None:
    """Note what a process and its children hold and have used."""
    try:
        cost.parent_cpu_s = cpu_s(pid)
        cost.parent_mib = max(cost.parent_mib, peak_mib(pid))
        for child in descendants(pid):
            cost.children_cpu_s[child] = cpu_s(child)
            cost.children_mib[child] = max(cost.children_mib.get(child, 0), peak_mib(child))
    except (OSError, IndexError):  # it ended meanwhile
        return


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has used by itself. Raises OSError."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid: int) -> int:
    """Peak resident memory of a process in MiB. Raises OSError."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM")), 0)


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process started, and theirs. Raises OSError."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from descendants(child)
