"""Which words a regular expression cannot match without."""

import re
from math import inf

import pytest

from schemas.policy import Policy
from severity.anchors import anchors, ways
from severity.language import MISSPELT, fold


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("路灯", (("路灯",),)),
        ("路灯.{0,6}不亮", (("路灯",), ("不亮",))),
        ("(?:电梯|轿厢)[^，]{0,4}(?:困|卡)人", (("电梯", "轿厢"), ("困", "卡"))),
        ("着火了?", (("着火",),)),
        ("着?火灾", (("火灾",),)),
        ("(?:特别)?漏气", (("漏气",),)),
        ("(?<!胎)漏气(?!孔)", (("漏气",),)),
        ("甲乙|丙丁", (("甲乙", "丙丁"),)),
        ("甲乙|.", ()),
        (r"\d+只", (("只",),)),
        ("[着起]火灾?", (("火",),)),
        ("(?:哈){2}乙丙", (("乙丙",), ("哈",))),
    ],
)
def test_every_match_holds_one_word_of_each_set(pattern: str, needed: tuple[tuple[str, ...], ...]) -> None:
    assert anchors(pattern) == needed


@pytest.mark.parametrize("pattern", [r"\u706f坏", r"\x41坏", "灯{", "(?x) 灯 坏", "(?i:灯)", "(灯)坏\\1", "灯{e<=1}坏"])
def test_an_expression_beyond_this_reading_is_always_tried(pattern: str) -> None:
    assert anchors(pattern) == ()


@pytest.mark.parametrize(
    ("pattern", "many"),
    [
        ("路灯", 1),
        ("路灯?坏{2}", 2),
        ("路[灯?]{0,8}(?:不|没有?)亮", 27),
        ("(?<!大|小)灯(?:a{0,2}){0,3}", 2 * 27 * 4),
        ("灯*坏", inf),
        ("(灯+)+坏", inf),
        ("灯{2,}", inf),
        (r"(灯)\1", inf),
    ],
)
def test_an_expression_can_be_matched_in_at_most_so_many_ways(pattern: str, many: float) -> None:
    assert ways(pattern) == many


def test_words_that_most_texts_hold_are_no_anchors() -> None:
    assert anchors("[甲乙]了") == ()


def test_every_expression_of_the_sample_district_can_be_skipped_untried(district: Policy) -> None:
    expressions = [sign.words for kind in district.kinds.values() for sign in kind.signs if sign.regex]
    assert [one for one in expressions if not anchors(one)] == []


def test_every_expression_of_the_sample_district_is_sound(district: Policy) -> None:
    """None matches the empty text, and none asks for what folding takes away."""
    for kind in district.kinds.values():
        for sign in kind.signs:
            assert not sign.regex or re.fullmatch(sign.words, "") is None
            assert sign.regex or fold(fold(sign.words)) == fold(sign.words)


def test_folding_never_moves_a_place() -> None:
    for wrong, right in MISSPELT.items():
        assert len(wrong) == len(right)
    for text in ("İstanbul 著火", "㍿𠮷野家ＡＢＣ１２３", "煤汽泄露", "\ud7ff\uffff", ""):
        assert len(fold(text)) == len(text)
