"""Words that must be found nowhere, and every form in which they could hide."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4


class Canary(str):
    """A resident's words, unlike any other; `token` is the part by which even a piece of them is known."""

    token: str


def canary(words: str = "金丝雀") -> Canary:
    """New words that hold a token of their own."""
    token = uuid4().hex
    made = Canary(f"{words}{token}")
    made.token = token
    return made


def forms(words: str) -> dict[str, bytes]:
    """The words as bytes: encoded, escaped, in base64 at each of its three offsets."""
    raw = words.encode()
    found = {
        "utf-8": raw,
        "utf-16-le": words.encode("utf-16-le"),
        "utf-16-be": words.encode("utf-16-be"),
        "json": json.dumps(words)[1:-1].encode(),
        "JSON": json.dumps(words)[1:-1].upper().replace("\\U", "\\u").encode(),
        "hex": raw.hex().encode(),
        "reversed": raw[::-1],
    }
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        inner = encoded[(offset * 8 + 5) // 6 : len(encoded) - 4]  # what does not depend on the neighbours
        found[f"base64+{offset}"] = inner
        found[f"base64url+{offset}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def hits(places: dict[str, bytes], canaries: dict[str, Canary]) -> set[tuple[str, str, str]]:
    """Where a canary sings: place, whose words, in which form."""
    return {
        (place, name, form)
        for name, one in canaries.items()
        for words in {str(one), one.token}
        for form, needle in forms(words).items()
        for place, content in places.items()
        if needle in content
    }


def files(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under a directory with its content."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(directory)), path.read_bytes()
