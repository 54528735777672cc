"""A reader that kills the worker of the cluster under which it runs, where a document says so."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

from literal import read_literal
from model import Result
from pipeline import Options


def read_or_kill(path: Path, options: Options) -> Result:
    """Kill the worker for `worker`, once for `worker-once`; else read as the word says."""
    word = path.read_bytes().split(b" ")[0]
    been = path.with_suffix(".been")
    if word == b"worker" or (word == b"worker-once" and not been.exists()):
        been.touch()
        parent = multiprocessing.parent_process()
        assert parent is not None
        os.kill(parent.pid or 0, signal.SIGKILL)
        time.sleep(30)
    return read_literal(path, options)
