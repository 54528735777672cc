"""Why a child gave no value, as errors with a sentence that says what to do next."""

from __future__ import annotations

import signal

from model import DocumentError, ErrorCode

__all__ = [
    "answer_too_large", "broke_off", "died", "killed_twice", "out_of_memory", "out_of_processor_time", "timed_out",
]  # fmt: skip


def timed_out(timeout_s: float, page: int) -> DocumentError:
    """The failure of a document that takes more time than it may; `page` is that of a scan where it stood still."""
    if page:
        sentence = f"Page {page} was not recognised within {timeout_s:g} seconds and reading was stopped."
    else:
        sentence = f"Reading took longer than {timeout_s:g} seconds and was stopped."
    return DocumentError(ErrorCode.TIMEOUT, f"{sentence} Give it more with --timeout.")


def out_of_processor_time() -> DocumentError:
    """The failure of a document whose threads use up more than the clock would allow one."""
    return DocumentError(
        ErrorCode.TIMEOUT, "Reading took too much processor time and was stopped. Give it more with --timeout."
    )


def out_of_memory(memory_mb: int) -> DocumentError:
    """The failure of a document that takes more memory than it may."""
    return DocumentError(
        ErrorCode.OUT_OF_MEMORY, f"Reading took more than {memory_mb} MB of memory. Give it more with --memory-mb."
    )


def killed_twice() -> DocumentError:
    """The failure of a document whose process was killed from outside, and killed again at the second try."""
    return DocumentError(
        ErrorCode.OUT_OF_MEMORY,
        "The reading process was killed twice from outside, most likely by a system short of memory."
        " Free memory or use fewer --workers.",
    )


_NO_MEMORY = (
    "bad_alloc", "Insufficient memory", "Failed to allocate memory", "Unable to allocate", "failed to map segment",
    "Cannot allocate memory",
)  # fmt: skip
"""How onnxruntime, OpenCV, numpy and the loader of libraries say that they were refused memory, in errors of their
own."""


def broke_off(error: BaseException, memory_mb: int) -> DocumentError:
    """The failure of a document whose reading raised what nobody expected; a library's sys.exit is one of them."""
    if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY):
        return out_of_memory(memory_mb)
    return DocumentError(
        ErrorCode.CRASHED, f"Reading broke off with {type(error).__name__} ({error}). Please report it with the file."
    )


def died(exitcode: int) -> DocumentError:
    """The failure of a document at which the reading process ended, by its exit code (-N for the signal N)."""
    ended = next((number.name for number in signal.Signals if number == -exitcode), f"exit code {exitcode}")
    return DocumentError(
        ErrorCode.CRASHED,
        f"The PDF library ended the reading process ({ended}): the file is broken or built to harm."
        " Print it to a new PDF, or try more --memory-mb.",
    )


def answer_too_large(bytes_: int) -> DocumentError:
    """The failure of a document that gives more than a run can take from one."""
    return DocumentError(ErrorCode.TOO_LARGE, f"The file gives {bytes_ >> 20} MB of rows; split it.")
