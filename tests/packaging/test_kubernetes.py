"""The manifests of `deploy/kubernetes` as kustomize renders them. There is no cluster to run them in here.

Debian's kubectl is older than they are, so they are rendered without it, on every machine alike.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer
import yaml

from services.chassis.roles import Role
from services.chassis.settings import Settings
from services.cli import app
from services.server import ROLE_GRACE_SECONDS
from tests.packaging.kustomized import Unknown, rendered

KUBERNETES = "1.37"
PARTITIONS = 16
HELPER_MB = 120
"""What a process that fills a read model's new table takes at most: 93 to 117 measured."""
KUBECTL = shutil.which("kubectl")
OVERLAY = "overlays/example"
PIECES = ("base", "components/scaling", OVERLAY)

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def home(root: Path) -> Path:
    return root / "deploy" / "kubernetes"


def _by_kubectl(kubectl: str, folder: Path) -> list[Manifest]:
    """What is sent to a cluster."""
    said = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    assert "Warning" not in said.stderr, said.stderr
    return list(yaml.safe_load_all(said.stdout))


@pytest.fixture(scope="module")
def base(home: Path) -> list[Manifest]:
    return rendered(home / "base")


@pytest.fixture(scope="module")
def overlay(home: Path) -> list[Manifest]:
    return rendered(home / OVERLAY)


def _sorted(manifests: list[Manifest]) -> list[Manifest]:
    return sorted(manifests, key=lambda one: (one["kind"], one["metadata"]["name"]))


def _of(kind: str, manifests: list[Manifest]) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def _pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {
        one["metadata"]["name"]: one["spec"]["template"] for one in manifests if one["kind"] in ("Deployment", "Job")
    }


def _containers(manifests: list[Manifest]) -> Iterator[Manifest]:
    for pod in _pods(manifests).values():
        yield from pod["spec"].get("initContainers", [])
        yield from pod["spec"]["containers"]


@pytest.mark.parametrize("folder", ["base", OVERLAY])
def test_every_manifest_is_what_kubernetes_takes(home, folder):
    for manifest in rendered(home / folder):
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


@pytest.mark.parametrize("folder", ["base", OVERLAY])
@pytest.mark.skipif(
    KUBECTL is None, reason="there is no kubectl to compare with; everything else is checked without it"
)
def test_kubectl_renders_the_same(home, folder):
    assert _sorted(_by_kubectl(str(KUBECTL), home / folder)) == _sorted(rendered(home / folder))


def test_a_feature_of_kustomize_that_is_not_known_is_refused(tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: []\nnamePrefix: a-\n")
    with pytest.raises(Unknown, match="namePrefix"):
        rendered(tmp_path)


def test_a_field_that_kubernetes_does_not_know_is_found(base):
    wrong = _of("Deployment", base)["router"]
    wrong = wrong | {"spec": wrong["spec"] | {"replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


@pytest.mark.parametrize("piece", PIECES)
def test_every_file_is_listed_and_every_listed_one_is_there(home, piece):
    listed = yaml.safe_load((home / piece / "kustomization.yaml").read_text(encoding="utf-8"))
    files = [*listed["resources"], *listed.get("components", [])]
    files += [one["path"] for one in listed.get("patches", ()) if "path" in one]
    assert len(files) == len(set(files))
    assert all((home / piece / one).exists() for one in files)
    here = {one.name for one in (home / piece).iterdir()} - {"kustomization.yaml"}
    assert here == {one for one in files if "/" not in one}


def test_every_role_is_a_deployment_with_a_budget_for_disruptions(base):
    assert _of("Deployment", base).keys() == set(Role)
    budgets = _of("PodDisruptionBudget", base)
    assert {name: one["spec"]["selector"]["matchLabels"] for name, one in budgets.items()} == {
        name: one["spec"]["selector"]["matchLabels"] for name, one in _of("Deployment", base).items()
    }
    assert all(one["spec"]["maxUnavailable"] == 1 for one in budgets.values())


def test_every_command_is_one_that_the_command_line_takes(base):
    command_line = typer.main.get_command(app)
    said = {tuple(one["command"]) for one in _containers(base)}
    assert {("gridcase", "serve", role) for role in set(Role) - {Role.RELAY}} < said
    for _, name, *words in said:
        command = command_line.commands[name]  # type: ignore[attr-defined]
        with command.make_context(name, words):
            pass


def test_the_image_is_the_one_that_the_dockerfile_makes(root, base, overlay):
    assert {one["image"] for one in _containers(base)} == {"gridcase"}
    assert {one["image"] for one in _containers(overlay)} == {"registry.example/gridcase:0.1.0"}
    dockerfile = (root / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert "--uid 10001" in dockerfile
    (imported,) = {one["command"][2] for one in _containers(base) if one["command"][1] == "import"}
    folder = imported.removeprefix("/opt/gridcase/")
    assert "COPY deploy/districts /opt/gridcase/districts" in dockerfile
    assert (root / "deploy" / folder / "district.yaml").exists()


def test_every_setting_exists_and_is_one_that_can_be_made(base, overlay):
    known = {f"GRIDCASE_{name.upper()}" for name in Settings.model_fields}
    for manifests in (base, overlay):
        (settings,) = _of("ConfigMap", manifests).values()
        assert settings["data"].keys() <= known
        assert not {name for name in settings["data"] if name.endswith(("_KEY", "_URL"))} - {"GRIDCASE_MASTER_KEY"}
        made = {name.removeprefix("GRIDCASE_").lower(): value for name, value in settings["data"].items()}
        assert Settings(key="k" * 16, **made).partitions == PARTITIONS  # type: ignore[arg-type]
    assert not [one for one in _containers(base) if one.get("env")]


def test_the_processes_of_a_rebuild_fit_into_a_pod_beside_what_it_needs_anyway(base, overlay):
    for manifests in (base, overlay):
        helpers = int(_of("ConfigMap", manifests)["gridcase"]["data"]["GRIDCASE_REBUILD_PROCESSES"])
        for pod in _of("Deployment", manifests).values():
            (container,) = pod["spec"]["template"]["spec"]["containers"]
            asked, most = (container["resources"][which]["memory"] for which in ("requests", "limits"))
            assert int(asked.removesuffix("Mi")) + helpers * HELPER_MB <= int(most.removesuffix("Mi"))


def test_what_pods_refer_to_is_there_or_a_secret_that_the_page_tells_to_make(home, base):
    page = (home / "README.md").read_text(encoding="utf-8")
    for pod in _pods(base).values():
        assert pod["spec"]["serviceAccountName"] in _of("ServiceAccount", base)
        for volume in pod["spec"]["volumes"]:
            assert "emptyDir" in volume or f"secret generic {volume['secret']['secretName']}" in page
    for container in _containers(base):
        for source in container["envFrom"]:
            ((kind, named),) = source.items()
            there = named["name"] in _of("ConfigMap", base) if kind == "configMapRef" else None
            assert there or f"secret generic {named['name']} " in page
    assert not _of("Secret", base)


def test_only_the_migration_has_the_owners_login(base):
    owners = [one["name"] for one in _containers(base) if {"secretRef": {"name": "gridcase-owner"}} in one["envFrom"]]
    assert owners == ["migrate"]


def test_no_pod_has_powers_it_does_not_need(base):
    for pod in _pods(base).values():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False, "a variable of a Service could be taken for a setting"
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    for container in _containers(base):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert container["resources"]["limits"].keys() == {"memory"}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


def test_pods_say_whether_they_are_well_and_have_the_time_to_stop(base):
    for name in _of("Deployment", base):
        spec = _pods(base)[name]["spec"]
        (container,) = spec["containers"]
        probes = {probe: container[probe]["httpGet"]["path"] for probe in container if probe.endswith("Probe")}
        assert probes == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
        leaving = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert spec["terminationGracePeriodSeconds"] >= leaving + 2 * ROLE_GRACE_SECONDS
        assert {one["topologyKey"] for one in spec["topologySpreadConstraints"]} == {
            "topology.kubernetes.io/zone", "kubernetes.io/hostname",
        }  # fmt: skip


def test_the_doors_are_services_and_nothing_else_is_reached(base, overlay):
    services = _of("Service", base)
    assert services.keys() == {"api", "console", "intake"}
    for name, one in services.items():
        assert one["spec"]["selector"].items() <= _pods(base)[name]["metadata"]["labels"].items()
    policies = _of("NetworkPolicy", base)
    everything = policies["nothing-else"]["spec"]
    assert "ingress" not in everything
    assert "egress" not in everything
    for pod in _pods(base).values():
        assert everything["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    (doors,) = policies["doors"]["spec"]["podSelector"]["matchExpressions"]
    assert set(doors["values"]) == services.keys()
    assert all("to" in rule for rule in _of("NetworkPolicy", overlay)["servers"]["spec"]["egress"])
    for rule in _of("Ingress", overlay)["doors"]["spec"]["rules"]:
        (path,) = rule["http"]["paths"]
        assert path["backend"]["service"]["name"] in services


def test_who_shares_the_partitions_is_scaled_by_its_lag_up_to_their_number(overlay):
    scaled = _of("HorizontalPodAutoscaler", overlay)
    deployments = _of("Deployment", overlay)
    assert scaled.keys() == set(Role) - {Role.API, Role.INTAKE, Role.CONSOLE}
    for name, one in scaled.items():
        assert one["spec"]["scaleTargetRef"]["name"] == name
        assert one["spec"]["maxReplicas"] <= PARTITIONS
        (metric,) = one["spec"]["metrics"]
        assert metric["external"]["metric"] == {
            "name": "gridcase_lag_events", "selector": {"matchLabels": {"subscriber": name}},
        }  # fmt: skip
        assert "replicas" not in deployments[name]["spec"], "or every apply would set the number back"
    assert all("replicas" in one["spec"] for name, one in deployments.items() if name not in scaled)
