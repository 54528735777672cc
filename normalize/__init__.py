"""Raw tables in, forms out. Knows nothing of PDF: its input are tables and lines as literals could give them."""

from __future__ import annotations

from normalize.forms import normalize
from normalize.names_memory import complete_names, find_bodies

__all__ = ["complete_names", "find_bodies", "normalize"]
