"""Whether a matter is said to happen now: tense and mood of the clause it stands in."""

from collections.abc import Callable

from severity.clauses import CLAUSE_ENDS, Clauses
from severity.language import WORDS

BRIEF = 90
"""Up to so many code points a petition has no room for a story: what it says plainly, it says of now."""
_QUOTES = frozenset("“”‘’\"'「」《》")
_STORY = 400
"""How far back a story may have set its time."""
_AFTERMATH = 80
"""How soon after the sign a story comes to what followed."""
_FIGURE = 8
"""How far behind the sign a figure of speech may reach."""
_AT_ONCE = 6
"""A neighbouring clause speaks of the same moment only when it begins by saying so."""


class Scene:
    """A sign and the words around it."""

    def __init__(self, clauses: Clauses, start: int, end: int, *, brief: bool) -> None:
        text = clauses.text
        first, last = clauses.clause(start, end)
        begin, finish = clauses.sentence(start, end)
        self.brief = brief
        self.sign = text[start:end]
        self.before, self.after = text[first:start], text[end:last]
        self.upto = text[first:end]
        self.clause = text[first:last]
        self.earlier = text[begin:first]
        self.sentence = text[begin:finish]
        self.later = text[end : clauses.following(end, 3)]
        self.story = text[max(0, begin - _STORY) : begin]
        self.previous = text[clauses.preceding(first) : first]
        self.next = text[last + 1 : clauses.following(last, 1)]
        self.soon = text[last : clauses.following(last, 4)]
        self.rest = text[end : end + _AFTERMATH]
        self._figures = text[first : end + _FIGURE]
        self._around = text[start - 1 : start] or " ", text[end : end + 1] or " "
        self._at = (start - first, end - first)

    def has(self, words: str, where: str) -> bool:
        return WORDS[words].search(where) is not None

    @property
    def now(self) -> bool:
        """The clause itself says that it is now."""
        return self.has("now", self.clause)

    @property
    def figurative(self) -> bool:
        start, end = self._at
        return any(found.start() < end and found.end() > start for found in WORDS["figurative"].finditer(self._figures))

    @property
    def quoted(self) -> bool:
        """Nothing but the sign stands in quotation marks: a word, not a call."""
        return self._around[0] in _QUOTES and self._around[1] in _QUOTES and not self.under_way

    @property
    def past_goes_on(self) -> bool:
        """An earlier clause of the sentence set a time that is gone, and nothing brought it back since."""
        gone = max((found.end() for found in WORDS["past"].finditer(self.earlier)), default=None)
        if gone is None or self.has("reported", CLAUSE_ENDS.split(self.earlier[gone:], 1)[0]):
            return False
        return not self.has("now", self.earlier[gone:] + self.clause)

    @property
    def story_is_past(self) -> bool:
        """The last time named before this sentence is gone."""
        return _last("past", self.story) > _last("now", self.story)

    @property
    def cried(self) -> bool:
        """Somebody cries for help right before or after."""
        return self.has("cry", self.previous + self.before) or self.has("cry", self.soon)

    @property
    def urged(self) -> bool:
        """Somebody calls for help, or says that it is now, in the same breath."""
        if self.now or self.has("going_on", self.clause):
            return True
        if self.has("plea", self.previous + self.before) or self.has("plea", self.soon):
            return True
        return self.has("now", self.previous) or self.has("now", self.next[:_AT_ONCE])

    @property
    def under_way(self) -> bool:
        """The words tell of a thing done or going on (了, 着, 在), not of its name."""
        return self.has("under_way", self.sign + self.after[:3]) or self.before.endswith(("在", "正", "刚"))

    @property
    def witnessed(self) -> bool:
        """The sentence tells what a bystander sees."""
        return self.has("at_risk", self.sentence) or self.has("somebody", self.upto)


def _last(words: str, text: str) -> int:
    return max((found.start() for found in WORDS[words].finditer(text)), default=-1)


def _denied(scene: Scene) -> bool:
    return scene.has("denied", scene.before) or scene.has("denied_within", scene.sign)


def _supposed(scene: Scene) -> bool:
    if scene.has("supposed", scene.upto) or WORDS["named"].match(scene.after) or scene.quoted:
        return True
    if WORDS["what_then"].match(scene.after) and not scene.has("here", scene.clause):
        return True
    if scene.has("threat", scene.earlier + scene.upto) or scene.has("wished", scene.upto):
        return True
    return scene.has("supposed", scene.earlier) and not scene.now


def _feared(scene: Scene) -> bool:
    if scene.has("feared", scene.upto) or scene.has("feared_after", scene.after):
        return True
    return scene.has("fear_goes_on", scene.earlier) and not scene.now


def _asked(scene: Scene) -> bool:
    if scene.has("money", scene.clause):
        return True
    asks = scene.has("asked", scene.upto) or scene.has("asked", scene.after)
    return (asks or scene.has("asked_first", scene.earlier)) and not scene.now and not scene.has("here", scene.clause)


def _told(scene: Scene) -> bool:
    return scene.has("told", scene.earlier + scene.upto)


def _usual(scene: Scene) -> bool:
    if scene.now or scene.cried:
        return False
    often = scene.has("usual", scene.upto) or scene.has("usual_goes_on", scene.earlier)
    return often or WORDS["usual_after"].match(scene.after) is not None


def _past(scene: Scene) -> bool:
    if WORDS["past_after"].match(scene.after):
        return True
    if scene.cried:
        return False
    if not scene.now and (scene.has("past", scene.after) or scene.has("gone_by", scene.next)):
        return True
    if scene.has("lasting", scene.sign) and scene.has("lately", scene.earlier + scene.upto):
        return False
    if scene.has("since", scene.upto):
        return False
    return (scene.has("past", scene.upto) and not scene.now) or scene.past_goes_on


def _over(scene: Scene) -> bool:
    if scene.has("cared", scene.earlier + scene.clause) or (scene.has("aftermath", scene.rest) and not scene.now):
        return True
    return scene.has("over", scene.later) and not scene.has("now", scene.later)


def _narrated(scene: Scene) -> bool:
    """A long letter tells many things; to be now, it must say so."""
    if scene.brief or scene.urged:
        return False
    return scene.story_is_past or not (scene.under_way or scene.witnessed)


_MOODS: tuple[tuple[str, Callable[[Scene], bool]], ...] = (
    ("figurative", lambda scene: scene.figurative),
    ("denied", _denied),
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
