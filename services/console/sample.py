"""A first petition for somebody who has none: a command to paste into a terminal."""

import json
import shlex

from schemas.jurisdiction import Unit, UnitSort
from schemas.policy import Policy

WORDS = {"channel": "hotline", "title": "楼道灯不亮", "text": "声控灯坏了。"}


def sample_curl(policy: Policy, url: str, *, asks_for_key: bool) -> str:
    """A command that files a petition at `url` in some unit of the lowest tier, and shows where it goes."""
    body = json.dumps({**WORDS, "place": {"unit": _lowest_unit(policy).code}}, ensure_ascii=False)
    key = """ -H "Authorization: Bearer $GRIDCASE_KEY\"""" if asks_for_key else ""
    wait, json_type = "-H 'Prefer: wait=5'", "-H 'Content-Type: application/json'"
    return f"curl -s{key} {shlex.quote(f'{url}/v1/petitions')} {wait} {json_type} \\\n  -d {shlex.quote(body)}"


def _lowest_unit(policy: Policy) -> Unit:
    """The first at the bottom of the ladder where somebody would take it, else the top."""
    units = policy.jurisdiction
    at_the_bottom = (unit for unit in policy.bundle.units if unit.tier == units.ladder.lowest)
    return next((unit for unit in at_the_bottom if unit.staff and unit.sort is not UnitSort.PARTNER), units.top)
