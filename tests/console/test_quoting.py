"""The words that a reading rests on, marked where they stand."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.events.severity import Reason
from schemas.policy import Policy
from services.chassis.policy_files import read_bundle
from services.console.quoting import Piece, grounds, marked
from services.console.reader import Reader
from services.console.words import Lang
from tests.console.conftest import DISTRICT
from tests.given import T0

ZH, EN = (Reader(lang, Policy(1, read_bundle(DISTRICT)), T0) for lang in (Lang.ZH, Lang.EN))


def reason(start: int, end: int, rule: str = "LAMP:灯", field: str = "text") -> Reason:
    return Reason(rule=rule, field=field, start=start, end=end)


def test_offsets_count_code_points():
    assert marked("😀😀灯不亮", "text", [reason(2, 5)]) == [Piece("😀😀"), Piece("灯不亮", (1,))]


def test_numbers_run_over_title_and_text():
    reasons = [reason(0, 1, field="title"), reason(0, 0, "filed_kind", "filed"), reason(1, 2)]
    assert marked("灯坏", "title", reasons) == [Piece("灯", (1,)), Piece("坏")]
    assert marked("楼灯", "text", reasons) == [Piece("楼"), Piece("灯", (2,))]


def test_where_words_overlap_each_piece_says_which_grounds_it_is_of():
    assert marked("楼道灯不亮了", "text", [reason(2, 5), reason(0, 3)]) == [
        Piece("楼道", (2,)),
        Piece("灯", (1, 2)),
        Piece("不亮", (1,)),
        Piece("了"),
    ]


def test_the_same_words_have_one_number_whoever_quotes_them():
    reasons = [reason(0, 1), reason(0, 1, "GAS:灯"), reason(1, 2)]
    assert marked("灯坏", "text", reasons) == [Piece("灯", (1,)), Piece("坏", (2,))]
    assert [quote.number for ground in grounds(reasons, "", "灯坏", ZH) for quote in ground.quotes] == [1, 2, 1]


def test_neighbours_do_not():
    assert marked("灯坏", "text", [reason(0, 1), reason(1, 2)]) == [Piece("灯", (1,)), Piece("坏", (2,))]


def test_what_is_no_sign_of_a_kind_has_a_sentence_of_its_own():
    def said(rule: str) -> list[str]:
        return [ground.said for reader in (ZH, EN) for ground in grounds([reason(0, 0, rule, "filed")], "", "", reader)]

    top = ZH.policy.jurisdiction.top
    assert said(f"about_the_top:{top.code}") == [
        f"反映的是本辖区最高一级单位{ZH.unit(top.code)}",
        f"it complains about {EN.unit(top.code)}, above which nobody stands in this jurisdiction",
    ]
    assert said("outside:N") == ["地点在邻区N", "it lies in the neighbouring N"]
    assert said("routed_as_critical") == [
        "没有按时研判，已按特急派单；只有人可以下调",
        "it was not read in time and was routed as critical; only a person lowers that",
    ]


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from(["title", "text"])), max_size=6),
)
def test_nothing_is_lost_or_changed(text, spans):
    reasons = [reason(start, end, field=field) for start, end, field in spans]
    assert "".join(piece.words for piece in marked(text, "text", reasons)) == text
    told = grounds(reasons, "", text, ZH)
    assert [quote.number for ground in told for quote in ground.quotes] == list(
        range(1, 1 + len({(start, end, of) for start, end, of in spans if end > start}))
    )


def test_each_rule_is_said_once_with_all_it_quotes():
    told = grounds([reason(0, 1), reason(2, 3), reason(0, 0, "wordless")], "", "灯不亮", ZH)
    assert [ground.said for ground in told] == ["“楼道灯不亮”的识别词", "标题和正文里没有文字"]
    assert [(quote.number, quote.words) for quote in told[0].quotes] == [(1, "灯"), (2, "亮")]


def test_an_emergency_is_said_to_be_now_or_why_it_is_not():
    def said(rule: str) -> str:
        return grounds([reason(0, 1, rule)], "", "漏", ZH)[0].said

    assert said("GAS:漏气:now") == "“燃气泄漏”的识别词，说的是眼下正在发生"
    assert said("GAS:漏气:not_now:feared") == "“燃气泄漏”的识别词；这里是担心，不当作正在发生"
    assert said("GAS:漏气:not_now:foreseen") == "“燃气泄漏”的识别词；这里foreseen，不当作正在发生"
    assert said("unheard-of") == "unheard-of"
