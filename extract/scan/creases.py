"""Creases of a folded sheet made paper: a fold is as dark all along, so that the middle of each row or column of pixels
beside it tells how dark."""

from __future__ import annotations

import numpy as np

from extract.scan.recognise import Gray
from extract.scan.rulings import Rulings

__all__ = ["without_creases"]

# A crease and its shadow reach so far, in points.
_REACH = 7.0
# Stretches along a crease that are judged by themselves, in points: its shadow comes and goes.
_STRETCH = 90.0


def without_creases(gray: Gray, rulings: Rulings, scale: float) -> Gray:
    """The picture with its creases divided out; print on them stays."""
    for place in rulings.creases_y:
        gray = _flat(gray, place, scale)
    for place in rulings.creases_x:
        gray = np.ascontiguousarray(_flat(np.ascontiguousarray(gray.T), place, scale).T)
    return gray


def _flat(gray: Gray, place: float, scale: float) -> Gray:
    """The picture without a horizontal crease at a place (pixels)."""
    first, last = max(round(place - _REACH * scale), 0), round(place + _REACH * scale)
    flat = gray.copy()
    step = round(_STRETCH * scale)
    for start in range(0, gray.shape[1], step):
        part = gray[first:last, start : start + step].astype(np.float32)
        shade = np.maximum(np.percentile(part, 60, axis=1, keepdims=True), 60.0)
        flat[first:last, start : start + step] = np.clip(part * (255.0 / shade), 0, 255).astype(np.uint8)
    return flat
