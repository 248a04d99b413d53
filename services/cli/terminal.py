"""What may be written to a terminal: words that came from outside cannot steer it."""

import re

from rich.text import Text

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, and what turns the direction of writing."""


def plain(words: str) -> Text:
    """The words as they are, without markup; what would steer the terminal is shown as its code point."""
    return Text(_STEERING.sub(lambda found: f"<U+{ord(found[0]):04X}>", words))
