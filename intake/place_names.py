"""Names of units, known places and neighbours, found in an address as people write it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from schemas.policy import Policy
from schemas.words import LocatedBy

_OFFICE = re.compile(r"(?<=社区)(居民委员会|居委会)$|(?<=村)(村?民委员会|委会)$")
"""What the official name of a community has behind the name that people use: 周东社区居委会, 后盐村委会."""
_HEAD = re.compile(r"[^省市区县]{0,8}(省|自治区|市)")
"""A province or a city, as it stands before a district's name."""
_JOINED = re.compile(r"[与和及跟同、至到~\-—&]|and|to")
"""What stands between two places of which both are meant."""
_PREFIX = 2


class Mention(NamedTuple):
    """A name in an address: what may be meant by it, and where it stands."""

    start: int
    end: int
    by: LocatedBy
    codes: tuple[str, ...]


class Mentions(NamedTuple):
    """Every name that was found, in order; `text` is the address as it was compared."""

    text: str
    found: Sequence[Mention]

    def is_head(self, mention: Mention) -> bool:
        """Whether nothing but a province or a city stands before it: then it says in which district all the rest is."""
        before = self.text[: mention.start]
        while match := _HEAD.match(before):
            before = before[match.end() :]
        return not before

    def are_joined(self, mentions: Sequence[Mention]) -> bool:
        """Whether the address says that all of these are meant, as 甲社区与乙社区 does and 甲社区，乙社区对面 does not.
        Other names between them, of what they lie in, are passed over."""
        for one, other in pairwise(mentions):
            between, at = "", one.end
            for name in self.found:
                if one.end <= name.start and name.end <= other.start:
                    between, at = between + self.text[at : name.start], name.end
            if _JOINED.fullmatch(between + self.text[at : other.start]) is None:
                return False
        return True


class PlaceNames:
    """Every name that a policy knows; longer names go before shorter ones that begin alike."""

    def __init__(self, policy: Policy) -> None:
        named: dict[str, dict[str, LocatedBy]] = defaultdict(dict)
        for unit in policy.bundle.units:
            for name in {unit.name, _OFFICE.sub("", unit.name)}:
                named[_plain(name)].setdefault(unit.code, LocatedBy.ADDRESS)
        for neighbour in policy.bundle.neighbours:
            named[_plain(neighbour.name)].setdefault(neighbour.code, LocatedBy.ADDRESS)
        for place in policy.bundle.places:
            named[_plain(place.name)].setdefault(place.unit, LocatedBy.KNOWN_PLACE)
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in named:
            if len(name) >= _PREFIX:
                lengths[name[:_PREFIX]].add(len(name))
        self._lengths = {prefix: sorted(found, reverse=True) for prefix, found in lengths.items()}
        self._named = named

    def find(self, address: str) -> Mentions:
        """The names in an address from left to right, at each place the longest; none overlap."""
        text, found, at = _plain(address), list[Mention](), 0
        while at < len(text):
            name = next((one for one in self._starting(text, at) if one in self._named), "")
            if name:
                codes = self._named[name]
                by = LocatedBy.ADDRESS if LocatedBy.ADDRESS in codes.values() else LocatedBy.KNOWN_PLACE
                found.append(Mention(at, at + len(name), by, tuple(codes)))
            at += len(name) or 1
        return Mentions(text, found)

    def _starting(self, text: str, at: int) -> Iterable[str]:
        """What stands there, as long as each name that begins alike."""
        return (text[at : at + length] for length in self._lengths.get(text[at : at + _PREFIX], ()))


def _plain(name: str) -> str:
    """Width, letter case and spaces tell no names apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
