"""The reading rules: which kind, how grave, what answer, how surely, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import sqrt

from schemas.events.severity import Reason
from schemas.policy import Kind, Policy
from schemas.words import Disposition, Severity
from services.chassis.bodies import is_blank
from severity.evidence import Evidence, Passage, gather
from severity.signs import SignIndex
from severity.writing import foreign, legible, too_little, wordless

READ_AT_MOST = 8_000
"""Code points of text that are read, and as many of what was added; no real letter had more. What is longer gets a
person's look besides."""
NEAR = 0.7
"""A kind with this share of the best one's score could as well be meant."""
MOST_REASONS = 8

FILED = 0.95
"""How surely a kind is meant that the filer chose."""
FILED_AGAINST_THE_WORDS = 0.75
"""The same when the words speak for another kind and not for this one."""
EMERGENCY = 0.8
"""How surely a kind is meant of which something critical is said to happen now."""
SILENT_TITLE = 0.75
"""What is left of the confidence where the title speaks for no kind: what a text tells most of is not always what it
is about."""
SHORT_TITLE = 5
"""A title of fewer characters may say nothing and mean nothing by it."""
OTHER_TITLE = 0.6
"""The same where the title speaks for other kinds only; less is lost the more of it speaks for this one."""
MOST_OF_A_TITLE = 0.8
"""A title of which this share speaks for a kind bears it out; nothing is lost then."""
TOSS_UP = 0.9
"""From this share of the best kind's score on, the next one is meant as likely."""
EITHER = 0.5
"""How surely at most a kind is meant then, however strong its signs."""
NO_SIGN = 0.1
NOT_ALL_READ = 0.5
UNKNOWN_FILED_KIND = 0.8
"""What is left of the confidence when the filer chose a kind that this district does not have."""
SURE_ENOUGH_TO_REFER = 0.95
"""A wrong referral leaves a person alone, so words alone refer only when nearly certain."""


@dataclass(frozen=True)
class Reading:
    """What a petition was read as. `confidence` 0..1; `reasons` quote by offset."""

    kind: str | None
    severity: Severity
    disposition: Disposition
    hand_off: tuple[str, ...]
    confidence: float
    reasons: tuple[Reason, ...]
    unread: bool = False
    """Whether a part is too long to be read, or in no language that the rules read."""
    plain: "Reading | None" = None
    """What it would be without caution, by what the words say and nothing else; None where that is the same."""


class SeverityPolicy:
    """One policy version as the severity service reads it."""

    def __init__(self, policy: Policy) -> None:
        self.version = policy.version
        self._kinds = policy.kinds
        self._unassessed = policy.bundle.unassessed
        self._hand_off_default = policy.bundle.hand_off_default
        self._review_below = policy.limits.review_below
        self._index = SignIndex(policy.kinds.values())

    def read(
        self,
        *,
        title: str,
        text: str,
        filed_kind: str | None,
        anonymous: bool = False,
        attached: bool = False,
        added: Sequence[Passage] = (),
    ) -> Reading:
        """Read one petition; total for any text. A known `filed_kind` is taken as a person's word, and what is
        `attached` as something that a person can look at. Of what was `added` later the newest comes last."""
        filed = self._kinds.get(filed_kind or "")
        if filed is None and not attached and all(map(is_blank, (title, text, *(one.words for one in added)))):
            return Reading(None, Severity.ROUTINE, Disposition.DECLINE, (), 1.0, (Reason(rule="wordless"),))
        newest = [one.words for one in added[-1:]]
        all_read = all(len(one) <= READ_AT_MOST for one in (text, *newest)) and not any(map(foreign, newest))
        text, added = text[:READ_AT_MOST], _newest(added)
        words = "\n".join((title, text, *(one.words for one in added)))
        evidence = gather(self._index, title, text, added)
        kind = filed or self._kind(evidence)
        confidence = self._confidence(evidence, filed, title, words) * (
            UNKNOWN_FILED_KIND if filed_kind and not filed else 1
        )
        confidence = round(confidence if all_read else min(confidence, NOT_ALL_READ), 2)
        turns_away = kind is not None and kind.disposition is Disposition.REFER
        unread = not all_read or ((kind is None or turns_away) and foreign(words))
        unsure = unread or confidence < self._review_below
        to_tell = tuple(dict.fromkeys(self._hand_off(evidence, kind))) or self._hand_off_default
        code = kind.code if kind else None
        reasons = _reasons(evidence, code, filed) or ((Reason(rule="wordless"),) if wordless(words) else ())

        def reading(severity: Severity) -> Reading:
            disposition = _disposition(kind, filed, severity, to_tell, confidence, words, unsure)
            hand_off = to_tell if disposition is Disposition.HAND_OFF else ()
            if anonymous and disposition is Disposition.ASK:
                disposition = Disposition.HANDLE  # there is nobody to ask
            return Reading(code, severity, disposition, hand_off, confidence, reasons, unread)

        plain = reading(_gravest(_said(evidence, kind, filed)))
        near = self._nearly_meant(evidence, kind) if kind and not filed and confidence < self._review_below else ()
        cautious = _gravest((plain.severity, *near, *([self._unassessed] if unread else ())))
        return plain if cautious is plain.severity else replace(reading(cautious), plain=plain)

    def _kind(self, evidence: Evidence) -> Kind | None:
        """What the words speak for: an emergency that happens now, else the kind with the strongest signs."""
        scores = evidence.emergencies or evidence.scores
        return self._kinds[max(scores, key=scores.__getitem__)] if scores else None

    def _confidence(self, evidence: Evidence, filed: Kind | None, title: str, words: str) -> float:
        """How surely the kind is meant: strength of its signs, distance to the next kind, and what the title says.

        The square root brings it to the share of readings that were right among labelled letters.
        """
        best, second = _two_best(evidence)
        if filed:
            return FILED_AGAINST_THE_WORDS if evidence.scores.get(filed.code, 0.0) < NEAR < best else FILED
        if evidence.emergencies:
            return EMERGENCY * legible(words)
        if not best:
            return NO_SIGN
        strength, margin = best / (best + 1.5), 1 - second / best
        surely = sqrt(min(0.98, strength * (0.55 + 0.6 * margin))) * _borne_out(evidence, title)
        return (min(surely, EITHER) if second >= TOSS_UP * best else surely) * legible(words)

    def _nearly_meant(self, evidence: Evidence, kind: Kind) -> Iterator[Severity]:
        """How grave the kinds are that could as well be meant as this one."""
        near = NEAR * evidence.scores[kind.code]
        return (_untriggered(self._kinds[code]) for code, score in evidence.scores.items() if score >= near)

    def _hand_off(self, evidence: Evidence, kind: Kind | None) -> Iterator[str]:
        """Who must be told of the kind, and of every emergency that the words tell of."""
        if kind:
            yield from kind.hand_off
        for code in evidence.emergencies:
            yield from self._kinds[code].hand_off


def _newest(added: Sequence[Passage]) -> Sequence[Passage]:
    """As much of what was added as is read at once, the newest first; what is older was read before."""
    left, kept = READ_AT_MOST, list[Passage]()
    for one in reversed(added):
        kept.append(Passage(one.start, one.words[:left]))
        left -= len(kept[-1].words)
    return kept[::-1]


def _two_best(evidence: Evidence) -> tuple[float, float]:
    """The scores of the two strongest kinds; 0 where there is none."""
    best, second, *_ = (*sorted(evidence.scores.values(), reverse=True), 0.0, 0.0)
    return best, second


def _borne_out(evidence: Evidence, title: str) -> float:
    """What the title leaves of the confidence in the strongest kind."""
    titled = evidence.titled
    if not titled:
        return SILENT_TITLE if len(title.strip()) >= SHORT_TITLE else 1.0
    share = titled.get(max(evidence.scores, key=evidence.scores.__getitem__), 0.0) / sum(titled.values())
    return OTHER_TITLE + (1 - OTHER_TITLE) * min(1.0, share / MOST_OF_A_TITLE)


def _said(evidence: Evidence, kind: Kind | None, filed: Kind | None) -> Iterator[Severity]:
    """How grave that is of which it is said that it happens now, and such a matter in itself."""
    yield from (one.raises for one in evidence.said if one.raises)
    if filed:
        yield filed.severity  # a person says that it is such a matter, so it is as grave as those are
    elif kind:
        yield _untriggered(kind)


def _gravest(severities: Iterable[Severity]) -> Severity:
    return max(severities, key=lambda one: one.rank, default=Severity.ROUTINE)


def _untriggered(kind: Kind) -> Severity:
    """A kind's own severity, short of critical: no word says that it is happening now."""
    return Severity.URGENT if kind.severity is Severity.CRITICAL else kind.severity


def _disposition(
    kind: Kind | None,
    filed: Kind | None,
    severity: Severity,
    to_tell: tuple[str, ...],
    confidence: float,
    words: str,
    unsure: bool,
) -> Disposition:
    if severity is Severity.CRITICAL:
        return Disposition.HAND_OFF if to_tell else Disposition.HANDLE
    if kind is None:
        return Disposition.ASK if too_little(words) else Disposition.HANDLE
    if filed and not any(map(str.isalpha, words)):
        return Disposition.ASK
    if kind.disposition is Disposition.REFER and (unsure or (not filed and confidence < SURE_ENOUGH_TO_REFER)):
        return Disposition.HANDLE  # no machine turns away what a person has still to look at
    return kind.disposition


def _reasons(evidence: Evidence, kind: str | None, filed: Kind | None) -> tuple[Reason, ...]:
    """What decided, weightiest first: the filer's word, what happens now, signs of the kind, what is not now."""
    said = [Reason(rule="filed_kind", field="filed")] if filed else []
    telling = [one for one in evidence.said if one.raises or one.mood or one.found.sign.kind == kind]
    telling.sort(key=lambda one: (one.raises is None, one.found.sign.kind != kind, -one.weight))
    return tuple(said + [one.reason for one in islice(telling, MOST_REASONS - len(said))])
