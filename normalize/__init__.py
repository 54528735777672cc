"""Raw tables in, forms out. Knows nothing of PDF: its input are tables and lines as literals could give them."""

from __future__ import annotations

from normalize.forms import normalize

__all__ = ["normalize"]
