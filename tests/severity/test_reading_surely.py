"""How surely a kind is read: what the title bears out, and words that only say where it is or who is greeted."""

from schemas.policy import Policy
from schemas.words import Severity
from severity.policy import Reading, SeverityPolicy

WAGES = "我在厂里上班八年，社保一直由单位缴纳，离退休还有两年，工资每月按时发，工龄也算得清楚。"


def read(rules: SeverityPolicy, text: str, title: str = "") -> Reading:
    return rules.read(title=title, text=text, filed_kind=None)


def test_a_kind_that_the_title_speaks_against_is_shown_to_a_person(rules: SeverityPolicy, district: Policy) -> None:
    named, other = read(rules, WAGES, "社保转移和退休的问题"), read(rules, WAGES, "公交站牌能不能挪一挪")
    assert named.kind == other.kind == "L02"
    assert named.confidence >= district.limits.review_below > other.confidence


def test_a_title_that_names_no_kind_makes_it_less_sure_and_no_title_nothing(rules: SeverityPolicy) -> None:
    silent = read(rules, WAGES, "有件事情想反映一下")
    for title in ("", "  ", "投诉"):
        assert read(rules, WAGES, title).confidence == read(rules, WAGES).confidence > silent.confidence


def test_of_two_kinds_that_are_as_likely_meant_the_graver_counts(rules: SeverityPolicy, district: Policy) -> None:
    reading = read(
        rules, "消防通道和疏散通道被占用，消防栓没有水。老板娘天天在楼下跳广场舞，音响声音大，邻居都说音响扰民"
    )
    assert reading.kind == "N02"
    assert reading.confidence < district.limits.review_below
    assert reading.severity is Severity.URGENT


def test_a_place_named_by_a_kinds_word_is_no_matter_of_that_kind(rules: SeverityPolicy, district: Policy) -> None:
    for words in ("小学门口有人兜售香烟", "医院对面天天有人放风筝", "停车场入口有人跳绳", "体育学院有人卖盗版光碟"):
        reading = read(rules, words)
        assert reading.kind is None or reading.confidence < district.limits.review_below, words
    assert read(rules, "小学今年招生名额不够").confidence >= district.limits.review_below


def test_what_is_meant_is_quoted_where_it_is_meant(rules: SeverityPolicy) -> None:
    text = "公园门口往东走，这个公园的绿化没人管"
    quoted = next(reason for reason in read(rules, text).reasons if reason.rule == "S10:公园")
    assert quoted.start == text.rindex("公园")


def test_whom_a_letter_greets_is_not_what_it_is_about(rules: SeverityPolicy) -> None:
    greeted = read(rules, "尊敬的区环保局和教育局领导：您好！我想说的是我们这里的事。")
    told = read(rules, "我打电话给环保局和教育局，没有人接，这里的事没人管。")
    assert greeted.confidence < told.confidence


def test_the_matter_wins_over_the_place_it_happens_at(rules: SeverityPolicy) -> None:
    for words, kind in {
        "希望在小学门口修一座人行天桥": "S06",
        "小区门面餐馆半夜喝酒划拳，声音大得睡不着": "N02",
        "工地不分昼夜施工，大家没法休息": "N03",
        "超市一天到晚播放广告，吵得老人休息不好": "N02",
        "楼下加工店切割的声音刺耳": "N05",
        "干了半年活，到现在没拿到工资，民工兄弟等着回家": "L01",
        "开发商买房捆绑车位": "H02",
        "邻居把公共的架空层封闭起来自己用": "S08",
        "小区到现在还没开通天然气": "U03",
        "手机卡无故停机，运营商不理人": "U08",
        "市政府门前的那条路什么时候打通": "S06",
    }.items():
        assert read(rules, words).kind == kind, words


def test_what_is_urgent_in_itself_is_never_said_in_passing(rules: SeverityPolicy, district: Policy) -> None:
    reading = read(rules, "危房旁边就是幼儿园，孩子天天从那里走")
    assert reading.severity is district.kinds["H05"].severity is Severity.URGENT
