"""What no file of the project may say."""

import re

from services.chassis.misfits import CHINESE
from tests.architecture.tree import ROOT, texts

MACHINE = re.compile(r"(?<![\w.}])/(?:home|root|work|Users)/\w")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.org|npmjs\.com|npmmirror\.com|deb\.debian\.org|repo1?\.maven|maven\.org"
    r"|crates\.io|proxy\.golang\.org|mirrors?\.(?:aliyun|tuna|ustc|cloud)|--(?:extra-)?index-url"
)


def test_no_file_names_a_place_on_somebodys_machine():
    assert not [name for name, text in texts() if MACHINE.search(text)]


def test_every_misfit_of_our_own_has_chinese_words():
    sources = [text for name, text in texts() if name.endswith(".py") and not name.startswith("tests/")]
    named = {name for text in sources for name in re.findall(r'PydanticCustomError\(\s*"(\w+)"', text)}
    assert "blank" in named
    assert {one for one in named if one not in CHINESE} == set()


def test_no_file_names_the_host_of_a_package_registry():
    assert not [name for name, text in texts() if REGISTRY.search(text)]


def test_what_a_decision_is_kept_by_exists():
    named = {
        (page, path)
        for page, text in texts()
        if page.startswith("docs/decisions/")
        for path in re.findall(r"`((?:tests|services|docs)/[\w./-]+)`", text)
    }
    assert not [(page, path) for page, path in sorted(named) if not (ROOT / path).exists()]
