"""The manifests hold what the runbook promises."""

import importlib
from typing import Any

import pytest
import yaml

from app.worker import STOPPING_SECONDS
from tests.deploy.files import KUBERNETES, Document, manifests, named, of_kind

# Not applied with the rest: examples to copy, and the job that goes first.
APART = {"secret.example.yaml", "ingress.example.yaml", "migrate-job.yaml", "kustomization.yaml"}


def pod(workload: Document) -> Document:
    spec: Document = workload["spec"]["template"]["spec"]
    return spec


def workloads() -> list[Any]:
    found = of_kind("Deployment", "Job")
    return [pytest.param(workload, id=workload["metadata"]["name"]) for workload in found]


def test_every_file_is_applied_or_listed_apart() -> None:
    applied = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
    assert {path.name for path in KUBERNETES.glob("*.yaml")} == {*applied, *APART}


@pytest.mark.parametrize("workload", workloads())
def test_a_pod_runs_as_an_ordinary_user_on_a_root_it_cannot_write(workload: Document) -> None:
    assert pod(workload)["securityContext"]["runAsNonRoot"] is True
    assert pod(workload)["automountServiceAccountToken"] is False
    [container] = pod(workload)["containers"]
    allowed = container["securityContext"]
    assert allowed["readOnlyRootFilesystem"] is True
    assert allowed["allowPrivilegeEscalation"] is False
    assert allowed["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container["resources"]["limits"]


def test_web_is_taken_out_of_the_service_before_it_stops() -> None:
    web = pod(named("Deployment", "lianluo-web"))
    [container] = web["containers"]
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert 0 < pause < web["terminationGracePeriodSeconds"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_a_worker_has_time_to_finish_its_batch() -> None:
    assert pod(named("Deployment", "lianluo-worker"))["terminationGracePeriodSeconds"] > STOPPING_SECONDS


def test_each_deployment_keeps_one_pod_when_a_node_is_drained() -> None:
    guarded = {
        budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]: budget
        for budget in of_kind("PodDisruptionBudget")
    }
    parts = {d["metadata"]["labels"]["app.kubernetes.io/component"] for d in of_kind("Deployment")}
    assert parts == set(guarded)
    assert all(budget["spec"]["minAvailable"] == 1 for budget in guarded.values())


def test_only_the_migration_is_given_the_owners_password() -> None:
    given = {
        workload["metadata"]["name"]
        for workload in of_kind("Deployment", "Job")
        for source in pod(workload)["containers"][0]["envFrom"]
        if source.get("secretRef", {}).get("name") == "lianluo-owner"
    }
    assert given == {"lianluo-migrate"}


@pytest.mark.parametrize("version", ["1.29", "1.34"])
def test_every_manifest_fits_the_schema_of(version: str) -> None:
    pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    checker = importlib.import_module("kubernetes_validate")
    for manifest in manifests():
        checker.validate(manifest, version, strict=True)
