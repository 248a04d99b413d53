"""Refuses to run beside another distribution that owns one of gridcase's package names.

The import path is the folder path, so the names are short, and the package index has an `intake`, a `router` and a
`schemas` of other people. With one of them in the same environment Python would mix the two without a word.
"""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions

DISTRIBUTION = "gridcase"
PACKAGE_NAMES = frozenset({"intake", "severity", "router", "escalation", "feedback", "schemas", "services"})

_NAMES = "|".join(sorted(PACKAGE_NAMES))
_RECORDED = re.compile(rf"^({_NAMES})(?:/|\.py\b)", re.MULTILINE)
_TOP_LEVEL = re.compile(rf"^({_NAMES})\s*$", re.MULTILINE)


class ForeignPackages(Exception):
    """Other distributions own some of our package names; `owners` maps each name to its distribution."""

    def __init__(self, owners: Mapping[str, str]) -> None:
        self.owners = dict(owners)
        found = ", ".join(f"{package} ({owner})" for package, owner in sorted(self.owners.items()))
        remove = " ".join(sorted(set(self.owners.values())))
        super().__init__(
            f"无法启动：当前 Python 环境中有其他软件包占用了 gridcase 的包名：{found}。"
            f"请在单独的虚拟环境中安装 gridcase，或先执行 `pip uninstall {remove}` 并重新安装 gridcase。\n"
            f"Refused to start: other distributions in this Python environment own package names of gridcase: {found}. "
            f"Install gridcase into an environment of its own, or run `pip uninstall {remove}` and reinstall gridcase."
        )


def refuse_foreign_packages(installed: Iterable[Distribution] | None = None) -> None:
    """Raise ForeignPackages if another distribution owns one of our names; call it before importing any of them.

    `installed` are the distributions to look at, those of this environment by default.
    """
    owners = {
        package: distribution.metadata["Name"]
        for distribution in (distributions() if installed is None else installed)
        for package in _owned(distribution)
        if distribution.metadata["Name"].lower() != DISTRIBUTION
    }
    if owners:
        raise ForeignPackages(owners)


def _owned(distribution: Distribution) -> set[str]:
    """Which of our names the distribution says are its own, by its list of files or its list of packages."""
    recorded = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or ""
    return {*_RECORDED.findall(recorded), *_TOP_LEVEL.findall(distribution.read_text("top_level.txt") or "")}
