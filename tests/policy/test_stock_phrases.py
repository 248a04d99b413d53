"""套话: what the sample district takes for no account of a resolution, and what it takes for one."""

import pytest

from services.chassis.policy_files import read_bundle
from services.chassis.wording import says_only
from tests.architecture.tree import ROOT

PHRASES = read_bundle(ROOT / "deploy" / "districts" / "ganjingzi").stock_phrases
STOCK = """\
已处理
已按规定处理
已按相关规定妥善处理完毕。
已依法依规处理！
情况属实,已转相关部门
经核实，情况属实，已转交有关单位办理。
您反映的问题已解决，感谢您的支持与理解！
正在处理中
已处理好了
该诉求已由相关职能部门受理，将尽快回复。
已與訴求人聯繫，問題已處理
已 按 规 定 处 理
已联系诉求人，诉求人表示满意
【办结】１、情况属实；２、已办理
高度重视，第一时间安排工作人员核实处理
Done.
ＯＫ
The issue has been resolved. Thank you!
Forwarded to the relevant department
"""
ACCOUNTS = """\
已更换灯泡
已修好
已清运
已关阀
已退款
已劝离
已拆除
已补种
已停工
已处理，换了三单元的灯
情况属实，已转甘井子交警大队二中队
已转供电公司抢修班，今晚八点前恢复
经核实，情况不属实，未发现占道经营
按规定不予补贴，已向诉求人解释政策
问题已解决：井盖已补装
双方达成调解协议
已立案查处
已退还押金二百元
小区管道已疏通，感谢您的来电
已协调物业安排保洁每天清扫
OK, lamp replaced
Pothole filled
The drain has been cleared. Thank you!
"""


@pytest.mark.parametrize("text", STOCK.splitlines())
def test_nothing_but_stock_phrases_is_no_account(text):
    assert says_only(text, PHRASES)


@pytest.mark.parametrize("text", ACCOUNTS.splitlines())
def test_who_says_what_was_done_is_believed_however_short(text):
    assert not says_only(text, PHRASES)
