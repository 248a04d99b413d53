"""Whether a matter is said to happen now: tense and mood of the clause it stands in."""

from collections.abc import Callable

from severity.clauses import Clauses
from severity.language import WORDS

BRIEF = 90
"""Up to so many code points a petition has no room for a story: what it says plainly, it says of now."""
_STORY = 400
"""How far back a story may have set its time."""


class Scene:
    """A sign and the words around it."""

    def __init__(self, clauses: Clauses, start: int, end: int, *, brief: bool) -> None:
        text = clauses.text
        first, last = clauses.clause(start, end)
        begin, finish = clauses.sentence(start, end)
        self.brief = brief
        self.sign = text[start:end]
        self.before, self.after = text[first:start], text[end:last]
        self.clause = text[first:last]
        self.earlier = text[begin:first]
        self.sentence = text[begin:finish]
        self.later = text[end : clauses.following(end, 3)]
        self.nearby = text[max(0, begin - 40) : finish + 40]
        self.story = text[max(0, begin - _STORY) : begin]
        self._clauses, self._at, self._start, self._end = clauses, first, start, end

    def has(self, words: str, where: str) -> bool:
        return WORDS[words].search(where) is not None

    @property
    def now(self) -> bool:
        """The clause itself says that it is now."""
        return self.has("now", self.clause)

    @property
    def figurative(self) -> bool:
        window = self._clauses.text[self._at : self._end + 8]
        start, end = self._start - self._at, self._end - self._at
        return any(found.start() < end and found.end() > start for found in WORDS["figurative"].finditer(window))

    @property
    def past_goes_on(self) -> bool:
        """An earlier clause of the sentence set a time that is gone, and nothing brought it back since."""
        found = None
        for found in WORDS["past"].finditer(self.earlier):
            pass
        if found is None or self.has("reported", self.earlier[found.end() :]):
            return False
        return not self.has("now", self.earlier[found.end() :] + self.clause)

    @property
    def story_is_past(self) -> bool:
        """The last time named before this sentence is gone."""
        return _last("past", self.story) > _last("now", self.story)

    @property
    def urged(self) -> bool:
        """Somebody calls for help, or says that it is now, in the same breath."""
        return self.has("now", self.sentence) or self.has("plea", self.nearby)

    @property
    def under_way(self) -> bool:
        """The words tell of a thing done or going on (了, 着, 在), not of its name."""
        told = self.sign + self.after[:3]
        return any(mark in told for mark in "了着啦") or self.before.endswith(("在", "正", "刚"))


def _last(words: str, text: str) -> int:
    return max((found.start() for found in WORDS[words].finditer(text)), default=-1)


def _supposed(scene: Scene) -> bool:
    if scene.has("supposed", scene.before) or WORDS["named"].match(scene.after):
        return True
    if WORDS["what_then"].match(scene.after) and not scene.has("here", scene.clause):
        return True
    goes_on = scene.has("supposed", scene.earlier) or (
        scene.has("supposed_before", scene.before) and scene.has("supposed", scene.earlier + scene.before)
    )
    return goes_on and not scene.now


def _feared(scene: Scene) -> bool:
    if scene.has("feared", scene.before) or scene.has("feared_after", scene.after):
        return True
    return scene.has("fear_goes_on", scene.earlier) and not scene.now


def _asked(scene: Scene) -> bool:
    if scene.has("money", scene.before + scene.after):
        return True
    asks = scene.has("asked", scene.before) or scene.has("asked", scene.after)
    return asks and not scene.now and not scene.has("here", scene.clause)


def _told(scene: Scene) -> bool:
    return scene.has("told", scene.earlier + scene.before)


def _usual(scene: Scene) -> bool:
    often = scene.has("usual", scene.before) or WORDS["usual_after"].match(scene.after) is not None
    return often and not scene.now


def _past(scene: Scene) -> bool:
    if WORDS["past_after"].match(scene.after):
        return True
    return (scene.has("past", scene.before) and not scene.now) or scene.past_goes_on


def _over(scene: Scene) -> bool:
    return scene.has("over", scene.later) and not scene.has("now", scene.later)


def _narrated(scene: Scene) -> bool:
    """A long letter tells many things; to be now, it must say so."""
    if scene.brief or scene.urged:
        return False
    return scene.story_is_past or not scene.under_way


_MOODS: tuple[tuple[str, Callable[[Scene], bool]], ...] = (
    ("figurative", lambda scene: scene.figurative),
    ("denied", lambda scene: scene.has("denied", scene.before)),
    ("supposed", _supposed),
    ("feared", _feared),
    ("told", _told),
    ("asked", _asked),
    ("usual", _usual),
    ("past", _past),
    ("over", _over),
    ("narrated", _narrated),
)


def why_not_now(scene: Scene) -> str | None:
    """The first mood that keeps the sign from being a present one; None when it is said to happen now."""
    return next((name for name, holds in _MOODS if holds(scene)), None)
