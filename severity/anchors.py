"""What is known of a regular expression untried: the words it cannot match without, and how much trying it may take."""

import re
from math import inf

_OPTIONAL = "?*"
_COMMON = frozenset("的了在不人有我一上中下里被让都全把没就要出进到大是们这个地去来")
"""Characters that most texts hold; alone they sort nothing out."""
_SPECIAL = frozenset(".^$*+?{}[]|()\\")
_BEYOND = re.compile(r"\\[xuUNpPgkQE0-9]|\(\?[A-Za-z|&(+\-0-9#]|\{(?!\d+(?:,\d*)?\})|\(\*")
"""Characters by number or name, switches, references: what the little reading here does not know."""

_GROUP = re.compile(r"^\((?:\?(?:[:=!>]|<[=!]))?")
_BOUNDS = re.compile(r"\{(\d+)(,(\d*))?\}")


def anchors(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Sets of words, the rarest set first; every match holds a word of each. Empty when none are known."""
    if _BEYOND.search(pattern):
        return ()
    alternatives = _alternatives(pattern)
    if len(alternatives) > 1:
        each = [anchors(alternative) for alternative in alternatives]
        return (tuple(dict.fromkeys(word for sets in each for word in sets[0])),) if all(each) else ()
    useful = (words for words in _needed(pattern) if _worth(words)[0])
    return tuple(sorted(useful, key=_worth, reverse=True))


def ways(pattern: str) -> float:
    """At most so many ways to match it at one place; endless where it repeats without bound."""
    if _BEYOND.search(pattern):
        return inf
    return sum(_ways_of_sequence(alternative) for alternative in _alternatives(pattern))


def _ways_of_sequence(pattern: str) -> float:
    product, at = 1.0, 0
    while at < len(pattern):
        piece, after = _piece(pattern, at)
        each = ways(_GROUP.sub("", piece)[:-1]) if piece.startswith("(") and len(piece) > 1 else 1.0
        at = _after_repeat(pattern, after)
        least, most = _times(pattern[after:at])
        product *= (most - least + 1) * (each**most if each > 1 else 1)
    return product


def _times(repeat: str) -> tuple[float, float]:
    """How often at least and at most, of `?`, `*`, `+`, `{2}`, `{2,}`, `{2,5}` or nothing, whatever stands behind."""
    if bounds := _BOUNDS.match(repeat):
        least = float(bounds[1])
        return least, least if bounds[2] is None else float(bounds[3] or inf)
    return {"?": (0.0, 1.0), "*": (0.0, inf), "+": (1.0, inf)}.get(repeat[:1], (1.0, 1.0))


def _worth(words: tuple[str, ...]) -> tuple[int, int]:
    """Rarity of the commonest word, then fewness: how seldom a set of anchors is found for nothing."""
    return min(0 if word in _COMMON else min(2, len(word)) for word in words), -len(words)


def _needed(pattern: str) -> list[tuple[str, ...]]:
    """Each part of a sequence that has to be there, as the words it may be."""
    found: list[tuple[str, ...]] = []
    run = ""
    at = 0
    while at < len(pattern):
        piece, after = _piece(pattern, at)
        optional = pattern[after : after + 1] in tuple(_OPTIONAL) or pattern[after : after + 2] == "{0"
        if piece not in _SPECIAL and len(piece) == 1 and not optional:
            run += piece
        else:
            if run:
                found.append((run,))
            run = ""
            if piece.startswith("(") and not optional:
                found.extend(anchors(_inside(piece)))
        at = _after_repeat(pattern, after)
        if at != after and run:
            found.append((run,))  # what is repeated does not join what follows
            run = ""
    return [*found, (run,)] if run else found


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """One character, class, escape or group, and where it ends."""
    if pattern[at] == "\\":
        return "\\", at + 2
    if pattern[at] == "[":
        return "[", _closing(pattern, at)
    if pattern[at] == "(":
        end = _group_end(pattern, at)
        return pattern[at:end], end
    return pattern[at], at + 1


def _inside(group: str) -> str:
    """What a group must match; nothing for one that only looks around."""
    inner = group[1:-1]
    if inner.startswith("?:"):
        return inner[2:]
    return "" if inner.startswith("?") else inner


def _closing(pattern: str, at: int) -> int:
    """Behind the bracket that closes the class opened at `at`."""
    end = at + 2 if pattern[at + 1 : at + 2] != "^" else at + 3  # a bracket standing first is a member
    while pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return end + 1


def _group_end(pattern: str, at: int) -> int:
    depth = 0
    while True:
        if pattern[at] == "[":
            at = _closing(pattern, at)
            continue
        depth += {"(": 1, ")": -1}.get(pattern[at], 0)
        at += 2 if pattern[at] == "\\" else 1
        if depth == 0:
            return at


def _after_repeat(pattern: str, at: int) -> int:
    if pattern[at : at + 1] == "{":
        at = pattern.index("}", at) + 1
    elif pattern[at : at + 1] in tuple("?*+"):
        at += 1
    return at + 1 if pattern[at : at + 1] in tuple("?+") else at


def _alternatives(pattern: str) -> list[str]:
    """The pattern cut at the bars that stand outside every group and class."""
    parts, begin, at = [], 0, 0
    while at < len(pattern):
        if pattern[at] == "|":
            parts.append(pattern[begin:at])
            begin = at + 1
        at = _piece(pattern, at)[1]
    return [*parts, pattern[begin:]]
