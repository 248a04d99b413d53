"""The program refuses to share its package names."""

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from services.package_names import PACKAGE_NAMES, ForeignPackages, refuse_foreign_packages


@pytest.fixture
def install(tmp_path: Path):
    """Pretends that a distribution with this list of files is installed; the environment so far is returned."""

    def install(name: str, **lists: str) -> list[Distribution]:
        information = tmp_path / f"{name}-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        for file, content in lists.items():
            (information / file).write_text(content)
        return list(distributions(path=[str(tmp_path)]))

    return install


def test_it_runs_in_an_environment_of_its_own(install):
    refuse_foreign_packages()
    refuse_foreign_packages(install("gridcase", RECORD="intake/__init__.py,,\nschemas/event.py,,\n"))


@pytest.mark.parametrize("package", sorted(PACKAGE_NAMES))
def test_it_refuses_beside_the_owner_of_any_of_its_names(install, package):
    environment = install("Stranger", RECORD=f"stranger.py,,\n{package}/__init__.py,sha256=x,1\n")
    with pytest.raises(ForeignPackages) as refused:
        refuse_foreign_packages(environment)
    assert refused.value.owners == {package: "Stranger"}


def test_it_refuses_beside_a_single_module_of_its_name(install):
    with pytest.raises(ForeignPackages):
        refuse_foreign_packages(install("one-file", RECORD="router.py,sha256=x,1\n"))


def test_it_refuses_beside_an_old_installation_that_lists_only_packages(install):
    with pytest.raises(ForeignPackages):
        refuse_foreign_packages(install("old-style", **{"top_level.txt": "intake\n"}))


def test_names_that_only_begin_alike_or_lie_deeper_are_welcome(install):
    refuse_foreign_packages(
        install("near", RECORD="routers/__init__.py,,\nnear/router/__init__.py,,\nintake_esm/a.py,,\n")
    )


def test_the_refusal_names_the_owner_and_the_way_out_in_both_languages(install):
    with pytest.raises(ForeignPackages, match="pip uninstall intake") as refused:
        refuse_foreign_packages(install("intake", RECORD="intake/__init__.py,,\n"))
    assert "无法启动" in str(refused.value)
    assert "Refused to start" in str(refused.value)


def test_every_package_of_the_wheel_is_guarded(project):
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGE_NAMES
