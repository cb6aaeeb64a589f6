"""What operators are given must fit the code and be accepted by the programs that read it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from streams.kafka.secure import ROLES
from streams.settings import Settings
from streams.stage import SOURCES
from streams.variables import unknown
from tests.commands import parse
from tests.metrics import metrics
from topics import MEASUREMENTS

OPS = Path(__file__).parents[1] / "ops"
KUBERNETES = sorted((OPS / "kubernetes").glob("*.yaml"))


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def everything() -> list[dict[str, Any]]:
    return [one for path in KUBERNETES if path.name != "kustomization.yaml" for one in documents(path)]


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((OPS / "prometheus" / "alerts.yml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def queries() -> list[str]:
    board = json.loads((OPS / "grafana" / "shutdowns.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]


def test_alerts_and_dashboard_ask_for_figures_that_there_are() -> None:
    asked = [alert["expr"] for alert in alerts()] + queries()
    named = {name for expression in asked for name in re.findall(r"\bshutdowns_\w+", expression)}
    assert named
    assert named <= metrics().keys()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian's package prometheus) is not here")
def test_prometheus_takes_the_files_and_each_alert_fires_for_its_fault(tmp_path: Path) -> None:
    for command in (
        ["check", "config", "prometheus.yml"],
        ["check", "config", "compose.yml"],
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
    ):
        done = subprocess.run(
            ["promtool", *command], cwd=OPS / "prometheus", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_to_fire_and_to_be_silent() -> None:
    tests = yaml.safe_load((OPS / "prometheus" / "alerts_test.yml").read_text())["tests"]
    checks = [one for test in tests for one in test["alert_rule_test"]]
    names = {alert["alert"] for alert in alerts()}
    assert {one["alertname"] for one in checks if one["exp_alerts"]} == names
    assert {one["alertname"] for one in checks if not one["exp_alerts"]} == names


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.name)
def test_kubernetes_takes_the_resources(path: Path) -> None:
    for one in documents(path):
        if one["apiVersion"].startswith(("kustomize.", "keda.")):
            continue
        kubernetes_validate.validate(one, "1.31", strict=True)


def test_kustomize_lists_every_file() -> None:
    (listed,) = documents(OPS / "kubernetes" / "kustomization.yaml")
    assert set(listed["resources"]) == {path.name for path in KUBERNETES} - {"kustomization.yaml"}


def test_every_stage_scales_alone_up_to_its_partitions() -> None:
    sets = {one["metadata"]["name"]: one for one in everything() if one["kind"] == "StatefulSet"}
    scaled = {one["metadata"]["name"]: one["spec"] for one in everything() if one["kind"] == "ScaledObject"}
    budgets = {one["metadata"]["name"] for one in everything() if one["kind"] == "PodDisruptionBudget"}
    assert sets.keys() == scaled.keys() == SOURCES.keys()
    assert budgets >= SOURCES.keys()
    for stage, one in sets.items():
        (container,) = one["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["worker", "--stage", stage]
        trigger = scaled[stage]["triggers"][0]["metadata"]
        assert trigger["topic"] == SOURCES[stage].name
        assert trigger["consumerGroup"] == Settings().group(stage)
        assert scaled[stage]["maxReplicaCount"] == MEASUREMENTS.partitions
        assert scaled[stage]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": stage}
        # A rebalance must be over before the next step down: it may take four sessions.
        down = scaled[stage]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
        assert down["policies"][0]["periodSeconds"] > Settings().rebalance_timeout_s


def pods(*kinds: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The resources of these kinds that run pods, by name, with their pods."""
    wanted = kinds or ("StatefulSet", "Deployment")
    return {
        one["metadata"]["name"]: (one, one["spec"]["template"]["spec"])
        for one in everything()
        if one["kind"] in wanted
    }


def test_there_is_something_for_every_process_that_stays() -> None:
    assert pods().keys() == {
        *SOURCES, "api", "reports", "notify", "source-ioda", "source-ooni", "source-gdelt"
    }  # fmt: skip
    assert pods("Job").keys() == {"topics"}


def test_pods_have_settings_that_there_are_and_no_rights_that_they_don_t_need() -> None:
    (common,) = [one for one in everything() if one["kind"] == "ConfigMap"]
    assert unknown(common["data"]) == []
    Settings.from_environment({name: value for name, value in common["data"].items() if not name.endswith("_FILE")})
    for name, (one, pod) in (pods() | pods("Job")).items():
        claimed = [claim["metadata"] for claim in one["spec"].get("volumeClaimTemplates", ())]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            parse(container["args"])
            given = {env["name"]: env for env in container.get("env", ())}
            assert unknown(dict.fromkeys(given, "x")) == [], name
            assert all(variable.startswith("SHUTDOWNS_") for variable in given), name
            role = given.get("SHUTDOWNS_SASL_USERNAME", {}).get("value", "worker")
            assert role in ROLES
            (kafka,) = [volume["secret"]["secretName"] for volume in pod["volumes"] if volume["name"] == "kafka"]
            assert kafka in (f"kafka-{role}", "kafka"), "each has the password of its own role"
            mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            assert mounts.keys() <= {volume["name"] for volume in (*pod["volumes"], *claimed)}
            assert "secretKeyRef" not in str(given), "secrets come in files"
            for variable in (variable for variable in given if variable.endswith("_FILE")):
                assert str(Path(given[variable]["value"]).parent) in mounts.values(), f"{name}: {variable}"
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"].keys() == {"requests", "limits"}


def test_what_stays_is_watched_and_stops_in_order() -> None:
    for _, pod in pods().values():
        (container,) = pod["containers"]
        assert {"name": "pages", "containerPort": 9464} in container["ports"]
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "pages"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "pages"}
        assert pod["terminationGracePeriodSeconds"] >= 60


def test_of_what_there_may_be_one_there_is_never_a_second() -> None:
    budgets = {one["metadata"]["name"] for one in everything() if one["kind"] == "PodDisruptionBudget"}
    for name, (one, _) in pods("Deployment").items():
        if name.startswith("source-") or name == "notify":
            assert (one["spec"]["replicas"], one["spec"]["strategy"]) == (1, {"type": "Recreate"})
        else:
            assert one["spec"]["replicas"] > 1
            assert name in budgets


def test_the_network_lets_through_what_is_needed_and_names_those_that_there_are() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in everything() if one["kind"] == "NetworkPolicy"}
    assert policies["all"]["podSelector"] == {"matchLabels": {"app.kubernetes.io/part-of": "shutdown-streams"}}
    named = {
        policy: {*spec["podSelector"]["matchExpressions"][0]["values"]}
        for policy, spec in policies.items()
        if policy != "all"
    }
    served = {one["metadata"]["name"] for one in everything() if one["kind"] == "Service"} - SOURCES.keys()
    assert named["servers"] == served == {"api", "reports"}
    assert named["outwards"] == {name for name in pods("Deployment") if name.startswith("source-")} | {"notify"}
    ports = {one["containerPort"] for name in served for one in pods()[name][1]["containers"][0]["ports"]}
    assert {one["port"] for one in policies["servers"]["ingress"][0]["ports"]} == ports - {9464}
