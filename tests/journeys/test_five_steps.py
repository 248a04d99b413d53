"""网格上传—社区呼叫—街道派单—部门受理—结果反馈: the classic chain is one stream of events."""

import pytest

from tests.journeys.five_steps import go_the_five_steps

pytestmark = pytest.mark.slow


def test_uploaded_by_the_grid_called_up_by_the_community_dispatched_by_the_street_accepted_and_answered(town):
    go_the_five_steps(town)


def test_another_streets_departments_are_not_asked(town):
    petition = town.filed(text="楼顶搭建阳光房", place={"unit": "AP2101"})
    town.done(petition["id"], "escalate", by="community-9", reason="请街道派单")
    assert town.becomes(petition["id"], "routed", tier="street")["unit"]["code"] == "AP2"


def test_a_small_matter_stays_in_its_grid(town):
    petition = town.filed(text="三单元楼道灯坏了", place={"unit": "AP1102"})
    assert (petition["tier"], petition["unit"]["code"]) == ("grid", "AP1102")
