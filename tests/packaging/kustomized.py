"""What kustomize makes of a folder, as far as `deploy/kubernetes` uses it; anything else is refused, not passed over.

For machines without kubectl. Where there is one, a test holds both to the same manifests.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
KNOWN = {"apiVersion", "kind", "resources", "components", "patches", "labels", "images", "namespace"}
NO_NAMESPACE = ("Namespace",)
PODS = ("Deployment", "Job")


class Unknown(Exception):
    """The folder asks for what this does not know."""


def rendered(folder: Path) -> list[Manifest]:
    """The manifests of this folder, in the order of its files."""
    return _applied(folder, [])


def _applied(folder: Path, manifests: list[Manifest]) -> list[Manifest]:
    """What the folder adds to these, and what it does to all of them: a component changes what is there already."""
    asked = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    if unknown := asked.keys() - KNOWN:
        raise Unknown(f"{folder.name}: {', '.join(sorted(unknown))}")
    for resource in asked["resources"]:
        manifests = [*manifests, *_read(folder / resource)]
    for component in asked.get("components", ()):
        manifests = _applied(folder / component, manifests)
    for patch in asked.get("patches", ()):
        _patch(manifests, patch, folder)
    for label in asked.get("labels", ()):
        for manifest in manifests:
            _label(manifest, label["pairs"], selectors=label.get("includeSelectors", False))
    for manifest in manifests:
        if "namespace" in asked and manifest["kind"] not in NO_NAMESPACE:
            manifest["metadata"]["namespace"] = asked["namespace"]
        for image in asked.get("images", ()):
            _name_image(manifest, image)
    return manifests


def _read(path: Path) -> list[Manifest]:
    return rendered(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def _patch(manifests: list[Manifest], patch: Mapping[str, Any], folder: Path) -> None:
    if unknown := patch.keys() - {"path", "patch", "target"}:
        raise Unknown(f"{folder.name}: a patch with {', '.join(sorted(unknown))}")
    text = (folder / patch["path"]).read_text(encoding="utf-8") if "path" in patch else patch["patch"]
    written = yaml.safe_load(text)
    target = patch.get("target") or {"kind": written["kind"], "name": re.escape(written["metadata"]["name"])}
    for manifest in manifests:
        if manifest["kind"] == target["kind"] and re.fullmatch(target.get("name", ".*"), manifest["metadata"]["name"]):
            if isinstance(written, list):
                _remove(manifest, written)
            else:
                name = manifest["metadata"]["name"]
                manifest.update(_laid_over(manifest, written))
                manifest["metadata"]["name"] = name


def _remove(manifest: Manifest, steps: list[Manifest]) -> None:
    for step in steps:
        if step["op"] != "remove":
            raise Unknown(f"the step {step['op']}")
        *way, last = step["path"].strip("/").split("/")
        found = manifest
        for part in way:
            found = found[part]
        found.pop(last, None)


def _laid_over(under: Any, over: Any) -> Any:
    """Objects are merged, lists of what has a name by it, and everything else is replaced."""
    if isinstance(under, dict) and isinstance(over, dict):
        return under | {
            key: _laid_over(under[key], one) if key in under else deepcopy(one) for key, one in over.items()
        }
    if _named(under) and _named(over):
        named = {one["name"]: one for one in under}
        changed = {one["name"]: _laid_over(named.get(one["name"], {}), one) for one in over}
        return list((named | changed).values())
    return deepcopy(over)


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)


def _label(manifest: Manifest, pairs: Mapping[str, str], *, selectors: bool) -> None:
    manifest["metadata"].setdefault("labels", {}).update(pairs)
    if selectors:
        for labels in _selecting(manifest):
            labels.update(pairs)


def _selecting(manifest: Manifest) -> Iterator[dict[str, str]]:
    """Where a manifest selects pods by labels, or gives pods the labels to be selected by."""
    spec, kind = manifest.get("spec", {}), manifest["kind"]
    if kind in PODS:
        yield spec["template"].setdefault("metadata", {}).setdefault("labels", {})
        for spread in spec["template"]["spec"].get("topologySpreadConstraints", ()):
            yield spread["labelSelector"]["matchLabels"]
    if kind == "Service":
        yield spec["selector"]
    if kind in ("Deployment", "PodDisruptionBudget"):
        yield spec["selector"].setdefault("matchLabels", {})
    if kind == "NetworkPolicy":
        yield spec["podSelector"].setdefault("matchLabels", {})


def _name_image(manifest: Manifest, image: Mapping[str, str]) -> None:
    if manifest["kind"] in PODS:
        pod = manifest["spec"]["template"]["spec"]
        for container in [*pod.get("initContainers", ()), *pod["containers"]]:
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
