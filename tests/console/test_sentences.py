"""Sentences of the timeline that must not say more than their event does."""

import pytest

from schemas.events.router import PetitionResumed
from services.console.sentences import sentence
from tests.console.test_why import EN, ZH
from tests.given import T0, dispatch, later
from tests.past import missed


@pytest.mark.parametrize(
    ("cause", "zh", "en"),
    [
        ("person", "由经办人恢复", "a person resumed it"),
        ("deadline", "挂账到期", "its day has come"),
        ("reassessed", "经人改判", "a person read it anew"),
        ("supplemented", "结合补充重新研判", "it was read again with what was added"),
        ("escalated", "已上呈", "it was escalated"),
        ("unlinked", "已取消并案", "it follows no other petition any more"),
        ("some_day", "恢复办理", "it goes on"),
    ],
)
def test_a_hold_that_is_over_says_why_and_not_that_somebody_else_has_it(cause: str, zh: str, en: str):
    event = PetitionResumed(at=T0, number=1, round=1, resolve_by=later(hours=8), cause=cause, policy=1)
    assert sentence(event, ZH) == f"第 1 次挂账结束：{zh}；办结限 2026-11-23 17:00"
    assert sentence(event, EN) == f"hold 1 is over: {en}; resolve by 2026-11-23 17:00"


@pytest.mark.parametrize("deadline", ["resolve:1", f"accept:{dispatch(3)}"])
def test_what_was_noticed_late_is_not_said_to_have_been_done(deadline: str):
    """It may have gone to somebody else as well before anybody looked."""
    late = missed(deadline, T0, late=True)
    assert sentence(late, EN).endswith(" was due 2026-11-23 09:00; it was not done by then")
    assert sentence(late, ZH).endswith("应在 2026-11-23 09:00 前完成，没有按时完成")
    assert sentence(missed(deadline, T0), EN).endswith("; it was not done")
