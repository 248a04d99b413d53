"""The language the rules read: its tenses and moods as word lists, and one writing for every variant of a character."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

_HERE = files("severity")
_LISTS: Mapping[str, Any] = yaml.safe_load(_HERE.joinpath("language.yaml").read_text(encoding="utf-8"))


def _characters() -> dict[int, int]:
    """Traditional to simplified, in lines of as many characters each (common ones of OpenCC's table, Apache-2.0)."""
    pairs = (line.split() for line in _HERE.joinpath("traditional.txt").read_text(encoding="utf-8").splitlines())
    return {ord(old): ord(new) for olds, news in pairs for old, new in zip(olds, news, strict=True)}


def _wide() -> dict[int, int]:
    """Full-width digits and letters as plain ones."""
    spans = (range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B))
    return {code: ord(chr(code - 0xFEE0).lower()) for span in spans for code in span}


MISSPELT: Mapping[str, str] = _LISTS["misspelt"]
"""Words often written wrong, and what they are read as; both of one length."""
WORDS: Mapping[str, re.Pattern[str]] = {
    name: re.compile("|".join(pieces)) for name, pieces in _LISTS.items() if name != "misspelt"
}
"""What each other list of language.yaml matches."""
_MISSPELT = re.compile("|".join(MISSPELT))
_WRITING = _characters() | _wide()
_FOLDED = _WRITING | {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UNUSUAL = re.compile(f"[{''.join(map(chr, _WRITING))}]")


def fold(text: str) -> str:
    """Simplified characters, narrow digits, small letters, common misspellings mended; nothing moves its place."""
    small = text.lower()
    if len(small) != len(text) or _UNUSUAL.search(small):
        small = text.translate(_FOLDED)
    return _MISSPELT.sub(lambda wrong: MISSPELT[wrong[0]], small)


def fold_pattern(pattern: str) -> str:
    """The same for a regular expression, whose capitals may mean something (`\\D`)."""
    return pattern.translate(_WRITING)
