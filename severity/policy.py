"""The reading rules: which kind, how grave, what answer, how surely, and why. Words are data; they steer nothing."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from schemas.events.severity import Reason
from schemas.policy import Kind, Policy
from schemas.words import Disposition, Severity
from severity.clauses import Clauses
from severity.language import fold
from severity.moods import BRIEF, Scene, why_not_now
from severity.signs import Found, SignIndex

Field = Literal["title", "text"]

TITLE_WEIGHT = 2.0
"""A title says what the matter is; a text says much else besides."""
NOT_NOW_WEIGHT = 0.25
"""What is left of an emergency's sign that is past, feared, denied: feared fire is no fire."""
NEAR = 0.7
"""A kind with this share of the best one's score could as well be meant."""
SURE_ENOUGH_TO_REFER = 0.85
"""A wrong referral leaves a person alone, so words alone refer only when nearly certain."""
MOST_REASONS = 8
_ENOUGH_LETTERS = 12
"""Fewer letters than this without any sign are too little to act on."""
_HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Reading:
    """What a petition was read as. `confidence` 0..1; `reasons` quote by offset."""

    kind: str | None
    severity: Severity
    disposition: Disposition
    hand_off: tuple[str, ...]
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A sign that raises the severity and is said to happen now."""

    field: Field
    found: Found
    weight: float


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the words of one petition say, before anything is decided."""

    scores: Counter[str]
    triggers: Sequence[_Trigger]
    reasons: Sequence[tuple[float, Reason]]
    """With the weight that each carries."""


class SeverityPolicy:
    """One policy version as the severity service reads it."""

    def __init__(self, policy: Policy) -> None:
        self.version = policy.version
        self._kinds = policy.kinds
        self._unassessed = policy.bundle.unassessed
        self._review_below = policy.limits.review_below
        self._index = SignIndex(policy.kinds.values())

    def read(self, *, title: str, text: str, filed_kind: str | None, anonymous: bool = False) -> Reading:
        """Read one petition; total for any text. A known `filed_kind` is taken as a person's word."""
        if filed_kind not in self._kinds and not any(map(str.isalnum, title + text)):
            return Reading(None, Severity.ROUTINE, Disposition.DECLINE, (), 1.0, (Reason(rule="wordless"),))
        evidence = self._evidence(title, text)
        critical = [one for one in evidence.triggers if one.found.sign.raises is Severity.CRITICAL]
        kind, confidence = self._kind(evidence, critical, filed_kind)
        confidence = round(confidence * _legible(title + text), 2)
        severity = self._severity(evidence, kind, filed_kind, confidence, title + text)
        hand_off = self._hand_off(kind, critical) if severity is Severity.CRITICAL else ()
        disposition = self._disposition(kind, severity, hand_off, confidence, filed_kind, title + text)
        if anonymous and disposition is Disposition.ASK:
            disposition = Disposition.HANDLE  # there is nobody to ask
        return Reading(
            kind.code if kind else None,
            severity,
            disposition,
            hand_off,
            confidence,
            _reasons(evidence, kind, filed_kind),
        )

    def _evidence(self, title: str, text: str) -> _Evidence:
        brief = len(title) + len(text) <= BRIEF
        scores: Counter[str] = Counter()
        triggers: list[_Trigger] = []
        reasons: list[tuple[float, Reason]] = []
        fields: tuple[tuple[Field, str, float], ...] = (("title", title, TITLE_WEIGHT), ("text", text, 1.0))
        for name, words, factor in fields:
            if not words:
                continue
            folded = fold(words)
            clauses = Clauses(folded)
            for found in self._index.find(folded):
                sign, rule = found.sign, found.sign.rule
                weight = factor * sign.strength(folded)
                if sign.raises is not None:
                    present, mood = _present(found, clauses, brief=brief)
                    if present is not None:
                        found = present
                        triggers.append(_Trigger(name, found, weight))
                    elif sign.raises is Severity.CRITICAL:
                        weight *= NOT_NOW_WEIGHT
                        rule = f"{sign.kind}:not_now:{mood}"
                scores[sign.kind] += weight
                reasons.append((weight, Reason(rule=rule, field=name, start=found.start, end=found.end)))
        return _Evidence(scores, triggers, reasons)

    def _kind(
        self, evidence: _Evidence, critical: Sequence[_Trigger], filed_kind: str | None
    ) -> tuple[Kind | None, float]:
        """The kind and how surely it is meant: the filer's word, else the emergency, else the strongest signs."""
        ranked = sorted(evidence.scores.items(), key=lambda item: -item[1])
        if filed := self._kinds.get(filed_kind or ""):
            strong_other = bool(ranked) and ranked[0][0] != filed.code and evidence.scores[filed.code] < NEAR
            return filed, 0.75 if strong_other else 0.95
        unknown = 0.8 if filed_kind else 1.0
        if critical:
            by_kind: Counter[str] = Counter()
            for trigger in critical:
                by_kind[trigger.found.sign.kind] += trigger.weight
            return self._kinds[by_kind.most_common(1)[0][0]], 0.8 * unknown
        if not ranked:
            return None, 0.1
        best, second = ranked[0][1], ranked[1][1] if len(ranked) > 1 else 0.0
        strength, margin = best / (best + 1.5), 1 - second / best
        return self._kinds[ranked[0][0]], min(0.98, strength * (0.55 + 0.6 * margin)) * unknown

    def _severity(
        self, evidence: _Evidence, kind: Kind | None, filed_kind: str | None, confidence: float, words: str
    ) -> Severity:
        raised = [one.found.sign.raises for one in evidence.triggers if one.found.sign.raises]
        if kind is None:
            return self._unassessed if _foreign(words) else Severity.ROUTINE
        if kind.code == filed_kind:
            raised.append(kind.severity)  # a person says that it is such a matter, so it is as grave as such matters
        else:
            raised.append(_without_trigger(kind))
        if confidence < self._review_below:
            best = evidence.scores[kind.code]
            raised += [
                _without_trigger(self._kinds[code]) for code, score in evidence.scores.items() if score >= NEAR * best
            ]
        return max(raised, key=lambda severity: severity.rank)

    def _hand_off(self, kind: Kind | None, critical: Sequence[_Trigger]) -> tuple[str, ...]:
        """Who must be told of the kind, and of every emergency that the words tell of."""
        kinds = [*([kind] if kind else []), *(self._kinds[one.found.sign.kind] for one in critical)]
        return tuple(dict.fromkeys(who for one in kinds for who in one.hand_off))

    def _disposition(
        self,
        kind: Kind | None,
        severity: Severity,
        hand_off: tuple[str, ...],
        confidence: float,
        filed_kind: str | None,
        words: str,
    ) -> Disposition:
        if severity is Severity.CRITICAL:
            return Disposition.HAND_OFF if hand_off else Disposition.HANDLE
        if kind is None:
            return Disposition.ASK if _too_little(words) else Disposition.HANDLE
        if kind.code == filed_kind:
            return kind.disposition if any(map(str.isalpha, words)) else Disposition.ASK
        if kind.disposition is Disposition.REFER and confidence < SURE_ENOUGH_TO_REFER:
            return Disposition.HANDLE
        return kind.disposition


def _present(found: Found, clauses: Clauses, *, brief: bool) -> tuple[Found | None, str | None]:
    """The first place where the sign is said to happen now, or why the first place is not one."""
    first: str | None = None
    for start, end in found.sign.spans(clauses.text):
        mood = why_not_now(Scene(clauses, start, end, brief=brief))
        if mood is None:
            return Found(found.sign, start, end), None
        first = first or mood
    return None, first


def _without_trigger(kind: Kind) -> Severity:
    """A kind's own severity, short of critical: no word says that it is happening now."""
    return Severity.URGENT if kind.severity is Severity.CRITICAL else kind.severity


def _han(words: str) -> int:
    return sum(map(len, _HAN.findall(words)))


def _legible(words: str) -> float:
    """How much of the writing is in the language that the rules read."""
    letters = sum(map(str.isalpha, islice(words, 2000)))
    share = _han(words[:2000]) / letters if letters else 1.0
    return 1.0 if share >= 0.5 else max(0.3, 2 * share)


def _foreign(words: str) -> bool:
    return _legible(words) < 1.0 and not _too_little(words)


def _too_little(words: str) -> bool:
    letters = [letter for letter in islice(words, 2000) if letter.isalpha()]
    return len(letters) < _ENOUGH_LETTERS or len(set(letters)) < _ENOUGH_LETTERS // 3


def _reasons(evidence: _Evidence, kind: Kind | None, filed_kind: str | None) -> tuple[Reason, ...]:
    """What decided, weightiest first: the filer's word, the triggers, the kind's signs, what was not taken as now."""
    said = [Reason(rule="filed_kind", field="filed")] if kind and kind.code == filed_kind else []
    triggers = [
        Reason(rule=f"{one.found.sign.rule}:now", field=one.field, start=one.found.start, end=one.found.end)
        for one in evidence.triggers
    ]
    code = kind.code if kind else ""
    weighed = sorted(evidence.reasons, key=lambda item: (not item[1].rule.startswith(f"{code}:"), -item[0]))
    taken = {(one.field, one.start, one.end) for one in triggers}
    rest = [
        one
        for _, one in weighed
        if (one.rule.startswith(f"{code}:") or ":not_now:" in one.rule) and (one.field, one.start, one.end) not in taken
    ]
    return tuple((said + triggers + rest)[:MOST_REASONS])


@lru_cache(maxsize=8)
def severity_policy(policy: Policy) -> SeverityPolicy:
    """Built once for each policy version."""
    return SeverityPolicy(policy)
