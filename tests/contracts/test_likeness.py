"""What is kept of words and of a person tells whether two are alike, and nothing else."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, sets

from schemas.people import Petitioner
from services.chassis.clock import MachineTime
from services.chassis.likeness import MOST_HASHES, likeness, person, sketch
from services.chassis.sealing import FileKeyring
from services.chassis.store.migrating import make_tables
from services.chassis.store.tables import keys_metadata
from services.console.suggesting import ALIKE

LAMP = "三单元二楼的楼道灯坏了快两周了，老人晚上下楼很危险，请派人来修"


def like(keyring, one, other):
    return likeness(sketch(one, keyring), sketch(other, keyring))


@pytest.mark.parametrize(
    "said",
    [
        LAMP,
        "三单元二楼的楼道灯坏了快两周了。老人晚上下楼很危险！请派人来修……",
        "三单元二楼楼道灯坏了两周，老人晚上下楼很危险，请派人来修理",
        "您好，三单元二楼的楼道灯坏了快两周了，老人晚上下楼很危险，请尽快派人来修，谢谢",
    ],
)
def test_nearly_the_same_words_are_alike(keyring, said):
    assert like(keyring, LAMP, said) >= ALIKE


@pytest.mark.parametrize(
    "said",
    ["三单元二楼住户每天半夜大声放音乐，老人晚上睡不着，请派人来劝", "广场东边的长椅松动了，坐上去会晃", "停水两周了"],
)
def test_other_matters_are_not(keyring, said):
    assert like(keyring, LAMP, said) < ALIKE


@given(*[sets(integers(0, 99), min_size=1, max_size=MOST_HASHES)] * 2, floats(0, 1))
def test_what_is_less_alike_than_is_asked_for_is_not_told_how_much(ours, theirs, least):
    one, other = (pack(f">{len(some)}I", *sorted(some)) for some in (ours, theirs))
    told = likeness(one, other)
    assert likeness(one, other, least) == (told if told >= least else 0.0)


def test_width_case_spaces_and_punctuation_do_not_matter(keyring):
    assert like(keyring, "ＡＰＰ 打不开，３单元！", "app打不开3单元") == 1.0


def test_too_few_letters_tell_nothing(keyring):
    assert sketch("停水……！", keyring) is None
    assert sketch("", keyring) is None


def test_a_long_text_is_kept_short(keyring):
    words = "".join(map(chr, range(0x4E00, 0x4E00 + 5_000)))
    assert len(sketch(words, keyring)) == 4 * MOST_HASHES
    assert like(keyring, words, words) == 1.0


async def test_without_the_master_key_nobody_makes_them_again(keyring, tmp_path):
    make_tables(tmp_path / "other.db", keys_metadata)
    other = FileKeyring(tmp_path / "other.db", b"o" * 32, MachineTime())
    who = Petitioner(phone="13900000000")
    assert likeness(sketch(LAMP, keyring), sketch(LAMP, other)) == 0.0
    assert person(who, keyring) != person(who, other)
    await other.close()


def test_a_number_is_the_same_however_it_is_written(keyring):
    ways = ("13912345678", "+86 139-1234-5678", "008613912345678", "１３９ １２３４ ５６７８")
    assert len({person(Petitioner(phone=way), keyring) for way in ways}) == 1
    assert person(Petitioner(phone="13912345679"), keyring) != person(Petitioner(phone=ways[0]), keyring)


@pytest.mark.parametrize(
    "who",
    [
        None,
        Petitioner(name="王某"),
        Petitioner(phone="无"),
        Petitioner(phone="12345"),
        Petitioner(phone="13912345678", anonymous=True),
        Petitioner(phone="13912345678", confidential=True),
    ],
)
def test_nobody_without_a_number_or_hidden_is_known_again(keyring, who):
    assert person(who, keyring) is None
