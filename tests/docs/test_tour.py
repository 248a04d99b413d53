"""What the pages say about files, names and code is so."""

import pytest

from tests.architecture.tree import ROOT, place
from tests.docs.pages import NAMED, anchors, exists, lines_of, links, pages, quotations

TOUR = ROOT / "docs" / "tour.md"
QUOTATIONS = quotations(TOUR)


@pytest.mark.parametrize("page", pages(), ids=place)
def test_every_file_and_name_on_a_page_exists(page):
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    beside = page.parent.relative_to(ROOT).as_posix()
    missing = [(path, name) for path, name in named if not (exists(path, name) or exists(f"{beside}/{path}", name))]
    assert not missing


@pytest.mark.parametrize("page", pages(), ids=place)
def test_every_link_leads_somewhere(page):
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize(("path", "name", "code"), QUOTATIONS, ids=[f"{path}::{name}" for path, name, _ in QUOTATIONS])
def test_code_on_the_tour_is_quoted_as_it_stands(path, name, code):
    lines = lines_of(path, name)
    for part in "\n".join(code).split("\n        …\n"):
        quoted = part.splitlines()
        starts = [number for number, line in enumerate(lines) if line == quoted[0]]
        assert any(lines[start : start + len(quoted)] == quoted for start in starts), "\n".join(lines)


def test_the_tour_quotes_every_service_and_the_chassis():
    quoted = {path.split("/")[0] for path, _, _ in QUOTATIONS}
    assert quoted >= {"intake", "severity", "router", "escalation", "feedback", "schemas", "services"}
