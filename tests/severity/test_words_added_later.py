"""补充: what is added is read with the rest, and counts only where it makes the matter graver or clearer."""

from dataclasses import replace

import pytest

from schemas.events.severity import Reason, ReviewRequested, SeverityAssessed
from schemas.words import Disposition, Severity
from services.chassis.petition_words import said
from services.chassis.sealing import PetitionKey
from severity.decider import Reread
from severity.evidence import Passage
from severity.policy import NOT_ALL_READ, READ_AT_MOST, Reading, SeverityPolicy
from tests.given import DISTRICT, PETITION, T0, dispatch, given, like, recorded, severity
from tests.past import (
    assessed,
    closed,
    confirmed,
    filed,
    reassessed,
    resolved,
    review_requested,
    routed,
    supplemented,
    withdrawn,
)

LEAK = "现在燃气泄漏，味道很大"
RULES = SeverityPolicy(DISTRICT)
READ = (filed(), assessed("LAMP"), supplemented())


def reread(
    kind: str | None = "LAMP",
    grave: str = "routine",
    disposition: str = "handle",
    hand_off: tuple[str, ...] = (),
    confidence: float = 0.9,
    added: int = 3,
    unread: bool = False,
    alone: Reading | None = None,
) -> Reread:
    why = (Reason(rule="GAS:1:now", start=6, end=10),)
    reading = Reading(kind, Severity(grave), Disposition(disposition), hand_off, confidence, why, unread)
    return Reread(PETITION, T0, DISTRICT, reading, alone or reading, added, 1)


HARMLESS = reread().reading
"""Words that say no more than that a lamp is out."""


def test_what_proves_graver_is_read_anew():
    given(severity, *READ).when(reread("GAS", "critical", "hand_off", ("119",))).then(
        like(
            SeverityAssessed, kind="GAS", severity=Severity.CRITICAL, disposition=Disposition.HAND_OFF,
            hand_off=("119",), supplement=1,
        )
    )  # fmt: skip


def test_what_says_the_same_again_changes_nothing():
    given(severity, *READ).when(reread()).then_nothing()


def test_no_machine_makes_it_milder_or_something_else_of_the_same_gravity():
    grave = (filed(), assessed("GAS", "critical", disposition="hand_off", hand_off=("119",)), supplemented())
    given(severity, *grave).when(reread("LAMP")).then_nothing()
    given(severity, *READ).when(reread("NOISE")).then_nothing()


@pytest.mark.parametrize("disposition", ["refer", "decline"])
def test_no_machine_turns_away_what_somebody_has(disposition: str):
    given(severity, *READ, routed()).when(reread("COURT", disposition=disposition)).then_nothing()


def test_what_was_too_little_to_act_on_is_enough_now():
    unclear = (filed(), assessed(None, disposition="ask"), supplemented())
    given(severity, *unclear).when(reread("LAMP")).then(
        like(SeverityAssessed, kind="LAMP", severity=Severity.ROUTINE, disposition=Disposition.HANDLE)
    )
    given(severity, *unclear).when(reread(None, disposition="ask")).then_nothing()
    given(severity, *unclear).when(reread("COURT", disposition="refer")).then(
        like(SeverityAssessed, kind="COURT", disposition=Disposition.HANDLE)
    )


def test_another_danger_is_told_to_those_who_must_know_of_it_and_forgets_nobody():
    grave = (filed(), assessed("GAS", "critical", disposition="hand_off", hand_off=("119",)), supplemented())
    given(severity, *grave).when(reread("POISON", "critical", "hand_off", ("120",))).then(
        like(SeverityAssessed, kind="GAS", hand_off=("119", "120"))
    )


def test_who_must_be_told_of_what_is_less_grave_is_named_once():
    unclear = (filed(), assessed("LAMP"), supplemented())
    [said] = (
        given(severity, *unclear)
        .when(reread("FIGHT", "urgent", "hand_off", ("110",)))
        .then(like(SeverityAssessed, severity=Severity.URGENT, hand_off=("110",)))
    )
    given(severity, *unclear, said).when(reread("FIGHT", "urgent", "hand_off", ("110",))).then_nothing()


def test_an_unsure_reading_asks_for_a_person_once():
    given(severity, *READ).when(reread("PIPE", "urgent", confidence=0.3)).then(
        like(SeverityAssessed), like(ReviewRequested)
    )
    asked = (filed(), assessed("LAMP"), review_requested(), supplemented())
    given(severity, *asked).when(reread("PIPE", "urgent", confidence=0.3, added=4)).then(like(SeverityAssessed))


@pytest.mark.parametrize("word", [confirmed(), reassessed("LAMP")])
def test_against_a_persons_word_a_machine_raises_it_and_asks_a_person_to_look(word):
    given(severity, filed(), assessed("LAMP"), word, supplemented()).when(
        reread("GAS", "critical", "hand_off", ("119",), added=4)
    ).then(like(SeverityAssessed, severity=Severity.CRITICAL), like(ReviewRequested))


def test_what_cannot_be_read_is_looked_at_by_a_person_also_where_nothing_else_changes():
    unread = reread(confidence=0.5, unread=True)
    given(severity, *READ).when(unread).then(like(ReviewRequested, confidence=0.5))
    given(severity, filed(), assessed("LAMP"), review_requested(), supplemented()).when(unread).then_nothing()
    given(severity, *READ).when(reread(confidence=0.5)).then_nothing()


def test_caution_alone_raises_nothing_that_was_read_before():
    cautious = reread("LAMP", "urgent", confidence=0.5, unread=True)
    plain = reread(confidence=0.5, unread=True).reading
    cautious = replace(cautious, reading=replace(cautious.reading, plain=plain))
    given(severity, *READ).when(cautious).then(like(ReviewRequested))
    given(severity, filed(), supplemented()).when(cautious).then(
        like(SeverityAssessed, severity=Severity.URGENT), like(ReviewRequested)
    )


PASSED_BY = pytest.mark.parametrize("word", [confirmed(), reassessed("LAMP")])


@PASSED_BY
def test_a_danger_that_a_person_may_have_passed_by_is_raised_and_looked_at(word):
    given(severity, *READ, word).when(reread("GAS", "critical", "hand_off", ("119",))).then(
        like(SeverityAssessed, severity=Severity.CRITICAL, supplement=1), like(ReviewRequested)
    )


@PASSED_BY
def test_what_a_person_judged_is_not_judged_again_because_of_harmless_words_beside_it(word):
    leak = reread("GAS", "critical", "hand_off", ("119",), alone=HARMLESS)
    given(severity, *READ, word).when(leak).then_nothing()
    asked_back = (*READ, reassessed("LAMP", disposition="ask"))
    given(severity, *asked_back).when(reread()).then_nothing()


@PASSED_BY
def test_what_nobody_can_read_and_a_person_may_have_passed_by_is_looked_at(word):
    foreign = replace(HARMLESS, confidence=NOT_ALL_READ, unread=True)
    given(severity, *READ, word).when(reread(alone=foreign)).then(like(ReviewRequested))


def test_nobody_needs_a_reading_of_what_is_over_but_of_a_danger_that_was_taken_back():
    given(severity, *READ, closed()).when(reread("GAS", "critical", "hand_off")).then_nothing()
    given(severity, *READ, withdrawn()).when(reread("PIPE", "urgent")).then_nothing()
    given(severity, *READ, withdrawn()).when(reread("GAS", "critical", "hand_off")).then(like(SeverityAssessed))


def test_what_was_resolved_meanwhile_is_read_all_the_same():
    done = (*READ, routed(), resolved(dispatch(4)))
    given(severity, *done).when(reread("GAS", "critical", "hand_off", ("119",))).then(like(SeverityAssessed))


def test_unread_and_opened_again_it_is_read_as_grave_as_the_words_are():
    given(severity, filed(), routed(kind=None), supplemented()).when(
        reread("GAS", "critical", "hand_off", ("119",))
    ).then(like(SeverityAssessed, kind="GAS", supplement=1))


class TestReading:
    """All the words together, each quoted where it stands in the whole text."""

    def read(self, text: str, *added: str) -> tuple[Reading, str]:
        events = [filed(text=text), *(supplemented(words, number) for number, words in enumerate(added, 1))]
        words = said(recorded(*events), PetitionKey(PETITION, bytes(32)))
        parts = [Passage(one.start, one.words) for one in words.added]
        return RULES.read(title="", text=words.text, filed_kind=None, added=parts), words.whole

    def test_a_danger_told_of_later_is_the_matter_and_is_quoted_where_it_stands(self):
        reading, whole = self.read("楼道灯不亮", "还是不亮", LEAK)
        assert (reading.kind, reading.severity) == ("GAS", Severity.CRITICAL)
        [quoted] = {whole[one.start : one.end] for one in reading.reasons if one.rule.endswith(":now")}
        assert quoted == "燃气泄漏"

    @pytest.mark.parametrize("added", ["The lamp in our stairwell is still broken", "<p class='x'>still broken</p>"])
    def test_what_the_rules_cannot_read_is_cautious_and_says_what_it_is_without(self, added: str):
        reading, _ = self.read("楼道灯不亮", added)
        assert reading.unread
        assert reading.confidence <= NOT_ALL_READ
        assert reading.severity is DISTRICT.bundle.unassessed
        assert reading.plain
        assert reading.plain.severity is Severity.ROUTINE

    def test_so_is_what_is_too_long(self):
        reading, _ = self.read("楼道灯不亮", "灯" * (READ_AT_MOST + 1))
        assert (reading.unread, reading.plain and reading.plain.severity) == (True, Severity.ROUTINE)

    def test_what_could_as_well_be_graver_is_so_out_of_caution_alone(self):
        reading, _ = self.read("楼道灯不亮，停水")
        assert (reading.severity, reading.plain and reading.plain.severity) == (Severity.URGENT, Severity.ROUTINE)

    def test_signs_of_all_parts_count_together(self):
        assert self.read("请问一下", "门口占道")[0].kind == "STALL"

    def test_a_long_text_hides_no_danger_that_is_told_of_later(self):
        assert self.read("灯" * (READ_AT_MOST + 1), LEAK)[0].severity is Severity.CRITICAL

    def test_of_much_that_was_added_the_newest_is_read(self):
        assert self.read("楼道灯不亮", "灯" * READ_AT_MOST, LEAK)[0].severity is Severity.CRITICAL
