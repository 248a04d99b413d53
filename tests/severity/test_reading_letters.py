"""Emergencies wherever and however they are written: deep in a letter, in the title only, misspelt."""

import pytest

from schemas.words import Severity
from severity.policy import SeverityPolicy

LETTERS = {
    "nothing else": ("", ""),
    "a polite letter": (
        "尊敬的领导：您好！我是甘井子区的一名普通居民，在这里住了很多年，对社区的工作一直非常满意，很少麻烦政府。",
        "。希望领导能够在百忙之中关注此事，谢谢！祝工作顺利，身体健康，阖家幸福。",
    ),
    "a letter about last year": (
        "领导你好，去年10月我曾经反映过小区路灯不亮的问题，当时很快就得到了解决，再次表示感谢。今天写信是因为",
        "，恳请相关部门尽快处理为盼。此致敬礼。",
    ),
    "a list of other matters": (
        "您好，我想反映小区物业的几个问题：一是楼道卫生长期没人打扫，二是电梯广告太多，三是绿化带被人种了菜。",
        "！物业说不归他们管，电话也没人接，请问这种情况应该怎么办？请予以重视。",
    ),
    "the hotline's own words": ("市民来电反映：", "，请予以处理并回复。"),
}


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize(
    "sentence",
    [
        "现在我家楼道里燃气味很大正在漏气",
        "刚才3号楼着火了，浓烟往楼上窜",
        "电梯里现在困着两个人，按铃没人理",
        "此刻有人站在楼顶要往下跳",
        "有个孩子刚掉进河里了，大人在捞",
        "隔壁男的正在打老婆，女的一直喊救命",
        "工地的墙突然塌了，有人被压在下面",
    ],
)
def test_an_emergency_is_found_wherever_in_a_letter_it_stands(
    rules: SeverityPolicy, letter: str, sentence: str
) -> None:
    before, after = LETTERS[letter]
    reading = rules.read(title="反映几个问题", text=f"{before}{sentence}{after}", filed_kind=None)
    assert reading.severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("3号楼着火了", "请尽快处理，谢谢"),
        ("有人要跳楼！", "地址：机场路18号院2号楼楼顶"),
        ("电梯困人了，快救人", ""),
        ("电线掉地上带电", "小区北门"),
    ],
)
def test_a_title_alone_tells_of_an_emergency(rules: SeverityPolicy, title: str, text: str) -> None:
    reading = rules.read(title=title, text=text, filed_kind=None)
    assert reading.severity is Severity.CRITICAL
    assert reading.reasons[0].field == "title"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("３號樓著火了，請快點來", "E02"),
        ("樓下商鋪失火，濃煙滾滾，有人被困", "E02"),
        ("電梯停在半空，有三個人出不來", "E10"),
        ("煤汽泄露了，滿屋子都是味", "E01"),
        ("我被因在电梯里出不来", "E10"),
        ("有人要跳搂，快来", "E06"),
    ],
)
def test_other_writings_and_common_misspellings_are_read(rules: SeverityPolicy, written: str, kind: str) -> None:
    reading = rules.read(title="", text=written, filed_kind=None)
    assert (reading.kind, reading.severity) == (kind, Severity.CRITICAL)
