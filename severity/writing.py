"""What kind of writing a text is, before any sign is looked for."""

import re

ENOUGH_LETTERS = 12
"""Fewer letters than this without any sign are too little to act on."""
_SAMPLE = 2_000
"""Code points by which the language is told."""
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def wordless(words: str) -> bool:
    """Whether there is no letter and no digit of any script."""
    return not any(map(str.isalnum, words))


def legible(words: str) -> float:
    """How much of the writing is in the language that the rules read: 0.3..1."""
    sample = words[:_SAMPLE]
    others = _HAN.sub("", sample)
    han, letters = len(sample) - len(others), sum(map(str.isalpha, others))
    return 1.0 if han >= letters else max(0.3, 2 * han / (han + letters))


def too_little(words: str) -> bool:
    """Whether there are too few letters, or the same few again and again, to say what the matter is."""
    letters = [letter for letter in words[:_SAMPLE] if letter.isalpha()]
    return len(letters) < ENOUGH_LETTERS or len(set(letters)) < ENOUGH_LETTERS // 3


def foreign(words: str) -> bool:
    """Whether it says something that the rules cannot read."""
    return legible(words) < 1.0 and not too_little(words)
