"""A sign's regular expression as it is looked for in folded text: checked by an import, tried by severity."""

import re
from dataclasses import dataclass
from importlib.resources import files

import regex

LONGEST = 2_000
"""Characters of one expression."""
SECONDS = 0.2
"""How long one expression may look through one text; a sound one takes microseconds."""
_SAME = 40
"""So often one character in a row shows an expression that tries every way to part them."""


def _characters() -> dict[int, int]:
    """Traditional to simplified, in lines of as many characters each (common ones of OpenCC's table, Apache-2.0)."""
    table = files("services.chassis").joinpath("traditional.txt").read_text(encoding="utf-8")
    pairs = (line.split() for line in table.splitlines())
    return {ord(old): ord(new) for olds, news in pairs for old, new in zip(olds, news, strict=True)}


def _wide() -> dict[int, int]:
    """Full-width digits and letters as plain ones."""
    spans = (range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B))
    return {code: ord(chr(code - 0xFEE0).lower()) for span in spans for code in span}


WRITING = _characters() | _wide()
"""One writing for every variant of a character."""


class NoPattern(ValueError):
    """These words are no expression that can be looked for."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


@dataclass(frozen=True, slots=True)
class SignPattern:
    """One expression in two engines: `quick` where few ways can be tried, `timed` where trying could take years."""

    quick: re.Pattern[str]
    timed: "regex.Pattern[str]"


def pattern_of(words: str) -> SignPattern:
    """The expression folded like the text, but for its capitals, which may mean something (`\\D`); raises NoPattern."""
    if len(words) > LONGEST:
        raise NoPattern(f"is longer than {LONGEST} characters", f"超过 {LONGEST} 个字符")
    folded = words.translate(WRITING)
    try:
        return SignPattern(re.compile(folded), regex.compile(folded))
    except (re.error, regex.error, ValueError, ArithmeticError, RecursionError, MemoryError) as broken:
        why = str(broken) or "it is too deeply nested"
        raise NoPattern(f"is not a regular expression: {why}", f"不是合法的正则表达式：{why}") from None


def refuse_unfit(words: str) -> None:
    """Raises NoPattern for an expression that is everywhere, or so slow that no text should be shown to it."""
    pattern = pattern_of(words).timed
    letters = [letter for letter in dict.fromkeys(pattern.pattern) if letter.isalnum()]
    try:
        if pattern.search("", timeout=SECONDS):
            raise NoPattern("finds itself in an empty text", "会匹配空文本")
        for letter in letters:
            pattern.search(letter * _SAME + " " + "".join(letters), timeout=SECONDS)
    except TimeoutError:
        raise NoPattern(
            "takes too long: it repeats what is repeated, as in (a+)+", "匹配过慢：重复中又含重复，例如 (a+)+"
        ) from None
