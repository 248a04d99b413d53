"""The language the rules read: its tenses and moods as word lists, and one writing for every variant of a character."""

import re
from collections.abc import Mapping
from importlib.resources import files

import yaml

_HERE = files("severity")


def _patterns() -> Mapping[str, re.Pattern[str]]:
    lists = yaml.safe_load(_HERE.joinpath("language.yaml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(pieces)) for name, pieces in lists.items()}


def _characters() -> dict[int, int]:
    pairs = (line.split() for line in _HERE.joinpath("traditional.txt").read_text(encoding="utf-8").splitlines())
    return {ord(old): ord(new) for olds, news in pairs for old, new in zip(olds, news, strict=True)}


def _wide() -> dict[int, int]:
    """Full-width digits and letters as plain ones."""
    spans = (range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B))
    return {code: ord(chr(code - 0xFEE0).lower()) for span in spans for code in span}


WORDS = _patterns()
"""What each list of language.yaml matches."""
_WRITING = _characters() | _wide()
_FOLDED = _WRITING | {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> str:
    """Simplified characters, narrow digits, small letters; every code point stays where it was."""
    return text.translate(_FOLDED)


def fold_pattern(pattern: str) -> str:
    """The same for a regular expression, whose capitals may mean something (`\\D`)."""
    return pattern.translate(_WRITING)
