"""Whether two petitions may be about one matter, told by keyed hashes that say nothing else of words or person.

A sketch is the least of the hashes of all pairs of neighbouring letters (bottom-k, after Broder): of two sketches one
sees how many pairs the words have in common.
"""

import unicodedata
from functools import lru_cache
from hashlib import blake2b
from struct import unpack

from schemas.people import Petitioner
from services.chassis.sealing import Keyring

HASH_BYTES = 4
MOST_HASHES = 64
LEAST_LETTERS = 4
"""Shorter words have too few pairs to tell anything."""
MOST_LETTERS = 2_000
LEAST_DIGITS, COUNTED_DIGITS = 7, 11
"""Of a telephone number; what stands before the last 11 is the way to dial it from elsewhere."""
_LETTERS_AND_DIGITS = {"Lo", "Ll", "Nd"}


def sketch(words: str, keyring: Keyring) -> bytes | None:
    """What is kept of words to compare them; None for too few. Width, case, spaces and punctuation do not matter."""
    folded = unicodedata.normalize("NFKC", words[:MOST_LETTERS]).casefold()
    said = "".join(sign for sign in folded if unicodedata.category(sign) in _LETTERS_AND_DIGITS)
    if len(said) < LEAST_LETTERS:
        return None
    key = keyring.digest("likeness", b"")
    pairs = {said[start : start + 2] for start in range(len(said) - 1)}
    return b"".join(sorted(_hashed(pair, key) for pair in pairs)[:MOST_HASHES])


def likeness(one: bytes, other: bytes, least: float = 0.0) -> float:
    """About which part of all their pairs two words have in common: 0 for none, 1 for the same words.

    0 also for what has less than `least` in common: most do, and few pairs are soon counted."""
    ours, theirs = _hashes(one), _hashes(other)
    shared = ours & theirs
    compared = min(MOST_HASHES, len(ours) + len(theirs) - len(shared))
    if not shared or len(shared) / compared < least:
        return 0.0
    found = len(shared.intersection(sorted(ours | theirs)[:MOST_HASHES])) / compared
    return found if found >= least else 0.0


def person(who: Petitioner | None, keyring: Keyring) -> bytes | None:
    """What is kept of a petitioner to know them again: a keyed hash of the telephone; None for who gave none, is
    anonymous or wants to stay hidden."""
    if who is None or who.anonymous or who.confidential:
        return None
    digits = "".join(str(unicodedata.decimal(sign)) for sign in who.phone or "" if sign.isdecimal())
    if len(digits) < LEAST_DIGITS:
        return None
    return keyring.digest("petitioner", digits[-COUNTED_DIGITS:].encode())


@lru_cache(maxsize=32_768)
def _hashed(pair: str, key: bytes) -> bytes:
    """Most pairs of a language are met again and again."""
    return blake2b(pair.encode(), key=key, digest_size=HASH_BYTES).digest()


@lru_cache(maxsize=1_024)
def _hashes(sketched: bytes) -> frozenset[int]:
    """The newest of a place are compared again with whatever is filed there next."""
    return frozenset(unpack(f">{len(sketched) // HASH_BYTES}I", sketched))
