"""The language the rules read: its tenses and moods as word lists, and one writing for every variant of a character."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from services.chassis.sign_patterns import WRITING

_HERE = files("severity")
_LISTS: Mapping[str, Any] = yaml.safe_load(_HERE.joinpath("language.yaml").read_text(encoding="utf-8"))


MISSPELT: Mapping[str, str] = _LISTS["misspelt"]
"""Words often written wrong, and what they are read as; both of one length."""
WORDS: Mapping[str, re.Pattern[str]] = {
    name: re.compile("|".join(pieces)) for name, pieces in _LISTS.items() if name != "misspelt"
}
"""What each other list of language.yaml matches."""
_MISSPELT = re.compile("|".join(MISSPELT))
_FOLDED = WRITING | {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UNUSUAL = re.compile(f"[{''.join(map(chr, WRITING))}]")


def fold(text: str) -> str:
    """Simplified characters, narrow digits, small letters, common misspellings mended; nothing moves its place."""
    small = text.lower()
    if len(small) != len(text) or _UNUSUAL.search(small):
        small = text.translate(_FOLDED)
    return _MISSPELT.sub(lambda wrong: MISSPELT[wrong[0]], small)
