"""The files of deploy/, read."""

from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"

Document = dict[str, Any]


def documents(path: Path) -> list[Document]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def manifests() -> list[Document]:
    """Every Kubernetes object of ours; kustomization.yaml is no object of the cluster."""
    paths = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
    return [document for path in paths for document in documents(path)]


def of_kind(*kinds: str) -> list[Document]:
    return [document for document in manifests() if document["kind"] in kinds]


def named(kind: str, name: str) -> Document:
    [found] = [document for document in of_kind(kind) if document["metadata"]["name"] == name]
    return found


def compose() -> Document:
    return documents(DEPLOY / "compose.yaml")[0]


def environment(name: str) -> dict[str, str]:
    """The variables of one env example."""
    lines = (DEPLOY / "env" / name).read_text().splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {key: value for key, _, value in pairs}
