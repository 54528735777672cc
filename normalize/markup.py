"""HTML left in a cell: forms exported from web systems print <p> and &nbsp; as text."""

from __future__ import annotations

import re

__all__ = ["strip_markup"]

_TAGS = (
    "p|br|div|span|font|b|strong|i|em|u|s|o:p|sup|sub|h[1-6]|ul|ol|li|table|tbody|thead|tr|td|th|a|img|pre|center|hr"
)
_ATTRIBUTE = r"\s+[a-zA-Z][a-zA-Z:_-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|“[^”<>]*”|[^\s\"'<>=]+)"
_TAG = re.compile(rf"</?(?:{_TAGS})(?:{_ATTRIBUTE})*\s*/?>|<!--(?:[^-<>]|-(?!->))*-->", re.IGNORECASE)
_ENTITIES = {
    "&nbsp;": " ",
    "&ensp;": " ",
    "&emsp;": " ",
    "&lt;": "<",
    "&gt;": ">",
    "&le;": "≤",
    "&ge;": "≥",
    "&amp;": "&",
    "&quot;": '"',
    "&#39;": "'",
    "&apos;": "'",
    "&ldquo;": "“",
    "&rdquo;": "”",
    "&lsquo;": "‘",
    "&rsquo;": "’",
    "&mdash;": "—",
    "&ndash;": "–",
    "&hellip;": "…",
    "&middot;": "·",
    "&times;": "×",
    "&permil;": "‰",
    "&#160;": " ",
    "&#xa0;": " ",
}
_ENTITY = re.compile("|".join(_ENTITIES), re.IGNORECASE)


def strip_markup(text: str) -> str:
    """Take known HTML tags and entities out; everything else stays, `a<b 且 c>d` too. Compare to see what changed."""
    if "<" not in text and "&" not in text:
        return text
    plain = _ENTITY.sub(lambda found: _ENTITIES[found[0].lower()], _TAG.sub("", text))
    return plain if plain == text else plain.strip()
