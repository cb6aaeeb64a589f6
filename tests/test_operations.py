"""What operators are given must fit the code and be accepted by the programs that read it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from streams.api.app import create_app
from streams.api.guard import Limits
from streams.api.receiving import create_receiver
from streams.api.server import config
from streams.cli.plan import SHOWN
from streams.kafka.secure import ROLES
from streams.planning import StagePlan, plan
from streams.settings import Settings
from streams.stage import SOURCES
from streams.variables import unknown
from tests.api.served import filled
from tests.commands import parse
from tests.metrics import metrics
from topics import Report

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


def test_the_dashboard_shows_what_a_plan_counts_with() -> None:
    asked = " ".join(queries())
    for name in ("records_in_total", "memory_bytes", "state_bytes", "lag_records"):
        assert f"shutdowns_{name}" in asked


needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool (Debian's package prometheus) is not here"
)


@needs_promtool
def test_prometheus_takes_the_files_and_each_alert_fires_for_its_fault(tmp_path: Path) -> None:
    for command in (
        ["check", "config", "prometheus.yml"],
        ["check", "config", "compose.yml"],
        ["check", "config", "kubernetes.yml"],
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
    ):
        done = subprocess.run(
            ["promtool", *command], cwd=OPS / "prometheus", capture_output=True, text=True, check=False
        )
        # Debian's knows no Kubernetes; the test after this one looks at the rest of that file.
        told = done.stdout + done.stderr
        assert done.returncode == 0 or "field kubernetes_sd_configs not found" in told, told


@needs_promtool
def test_prometheus_in_kubernetes_scrapes_each_process_once_and_nothing_else(tmp_path: Path) -> None:
    """What `kubernetes_sd_configs` would find comes from a file."""
    config = scraping("kubernetes.yml")
    (scraped,) = config["scrape_configs"]
    del config["rule_files"], scraped["kubernetes_sd_configs"]
    scraped["file_sd_configs"] = [{"files": ["pods.json"]}]
    templates = {name: one["spec"]["template"] for name, (one, _) in pods().items()}
    found = [one for name, template in templates.items() for one in discovered(name, template, "Running")]
    found += discovered("evicted", templates["detect"], "Failed")
    (tmp_path / "pods.json").write_text(json.dumps(found))
    (tmp_path / "config.json").write_text(json.dumps(config))
    done = subprocess.run(
        ["promtool", "check", "service-discovery", "--timeout=1s", "config.json", "shutdowns"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    targets = [one["labels"] for one in json.loads(done.stdout) if one["labels"]]
    assert sorted((one["job"], one["instance"], one["__address__"]) for one in targets) == sorted(
        ("shutdowns", name, f"{name}:9464") for name in pods()
    )


def scraping(name: str) -> dict[str, Any]:
    """One of the configurations of Prometheus."""
    found: dict[str, Any] = yaml.safe_load((OPS / "prometheus" / name).read_text())
    return found


def discovered(name: str, template: dict[str, Any], phase: str) -> list[dict[str, Any]]:
    """A pod as Prometheus finds it: each of its ports, with the labels that Prometheus makes of annotations."""
    annotations = template["metadata"]["annotations"].items()
    meta = {f"__meta_kubernetes_pod_annotation_{re.sub(r'[^a-z]', '_', key)}": value for key, value in annotations}
    meta |= {"__meta_kubernetes_pod_name": name, "__meta_kubernetes_pod_phase": phase}
    ports = [str(port["containerPort"]) for one in template["spec"]["containers"] for port in one["ports"]]
    return [
        {"targets": [f"{name}:{port}"], "labels": meta | {"__meta_kubernetes_pod_container_port_number": port}}
        for port in ports
    ]


def test_prometheus_looks_for_pods_where_kubernetes_has_them() -> None:
    (scraped,) = scraping("kubernetes.yml")["scrape_configs"]
    (found,) = scraped["kubernetes_sd_configs"]
    (listed,) = documents(OPS / "kubernetes" / "kustomization.yaml")
    assert (found["role"], found["namespaces"]) == ("pod", {"names": [listed["namespace"]]})
    (label, value) = found["selectors"][0]["label"].split("=")
    asked = {name for rule in scraped["relabel_configs"] for name in rule["source_labels"]}
    for name, (one, _) in pods().items():
        metadata = one["spec"]["template"]["metadata"]
        assert metadata["labels"][label] == value, name
        assert metadata["annotations"] == {"prometheus.io/scrape": "true", "prometheus.io/port": "9464"}
    assert {f"__meta_kubernetes_pod_annotation_prometheus_io_{one}" for one in ("scrape", "port")} < asked


def test_prometheus_reads_every_documented_port_and_tells_of_no_end_of_what_nobody_started() -> None:
    text = (OPS.parent / "docs" / "METRICS.md").read_text()
    commands = dict(re.findall(r"^SHUTDOWNS_PAGES_PORT=(\d+) shutdowns (\w+)", text, re.M))
    jobs = {
        one["job_name"]: {target.rpartition(":")[2] for target in one["static_configs"][0]["targets"]}
        for one in scraping("prometheus.yml")["scrape_configs"]
    }
    assert set.union(*jobs.values()) == commands.keys()
    (told,) = [one["expr"] for one in alerts() if one["alert"] == "ShutdownsProcessDown"]
    (job,) = re.findall(r'job="([^"]+)"', told)
    assert {commands[port] for port in jobs[job]} == {"worker"}
    assert {scraping(name)["scrape_configs"][0]["job_name"] for name in ("compose.yml", "kubernetes.yml")} == {job}


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


def test_the_image_has_the_version_as_its_tag() -> None:
    version = tomllib.loads((OPS.parent / "pyproject.toml").read_text())["project"]["version"]
    (listed,) = documents(OPS / "kubernetes" / "kustomization.yaml")
    assert listed["images"] == [{"name": "shutdown-streams", "newTag": version}], "one that stays what it is"
    assert f"-t shutdown-streams:{version} ." in (OPS / "docker" / "Dockerfile").read_text()
    run = [*pods().values(), *pods("Job").values()]
    assert {one["image"] for _, pod in run for one in (*pod["containers"], *pod.get("initContainers", ()))} == {
        "shutdown-streams"
    }


def test_the_job_of_the_topics_can_be_applied_again_with_another_image() -> None:
    (job, _) = pods("Job")["topics"]
    assert 0 < job["spec"]["ttlSecondsAfterFinished"] <= 3600, "its pods' template can't be changed: it has to go"


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
        assert scaled[stage]["minReplicaCount"] <= scaled[stage]["maxReplicaCount"] == SOURCES[stage].partitions
        assert scaled[stage]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": stage}
        # A rebalance must be over before the next step down: it may take four sessions.
        down = scaled[stage]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
        assert down["policies"][0]["periodSeconds"] > Settings().rebalance_timeout_s


#: What ops/kubernetes is made for, docs/SCALING.md's first plan, and for how many days of evidence.
IODA = SHOWN["IODA's countries and regions, as they are polled"]
LASTS_DAYS = 180


def state_large_bytes() -> float:
    """Above so many bytes of state on a disk ShutdownsStateLarge fires."""
    (rule,) = [one["expr"] for one in alerts() if one["alert"] == "ShutdownsStateLarge"]
    return float(rule.rpartition(" > ")[2])


def stage_files() -> dict[str, tuple[int, float, float, float]]:
    """Of each stage in ops/kubernetes: workers from the start, memory and disk of each, seconds to start."""
    scaled = {one["metadata"]["name"]: one["spec"] for one in everything() if one["kind"] == "ScaledObject"}
    found = {}
    for name, (one, pod) in pods("StatefulSet").items():
        (container,), (volume,) = pod["containers"], one["spec"]["volumeClaimTemplates"]
        sizes = container["resources"]["limits"]["memory"], volume["spec"]["resources"]["requests"]["storage"]
        memory, disk = (float(size.removesuffix("Gi")) * 2**30 for size in sizes)
        start = container["startupProbe"]
        wait_s = start["periodSeconds"] * start["failureThreshold"]
        found[name] = scaled[name]["minReplicaCount"], memory, disk, wait_s
    return found


def planned(days: int, memory: float) -> dict[str, StagePlan]:
    """IODA's load after so many days, with workers of so much memory."""
    asked = replace(IODA, evidence_days=days, worker_memory_gb=memory / 1e9)
    return {one.stage: one for one in plan(asked).stages}


@pytest.mark.parametrize("days", [IODA.evidence_days, LASTS_DAYS])
@pytest.mark.parametrize("stage", SOURCES)
def test_each_stage_has_the_workers_memory_and_disk_that_its_plan_says(stage: str, days: int) -> None:
    workers, memory, disk, wait_s = stage_files()[stage]
    # As it is documented, with workers of 4 GB; then with workers as large as these.
    needed = planned(days, IODA.worker_memory_gb * 1e9 if days == IODA.evidence_days else memory)[stage]
    assert needed.workers == workers
    assert needed.partitions <= SOURCES[stage].partitions
    assert needed.memory_bytes < memory
    assert needed.disk_bytes < disk
    assert needed.restore_changelog_s < wait_s, "a worker that restores is not ended for it"


def test_large_state_is_told_in_time_and_not_in_normal_operation() -> None:
    limit = state_large_bytes()
    for stage, (_, memory, disk, _) in stage_files().items():
        assert 0.7 * disk < limit < 0.8 * disk, "three quarters"
        assert planned(140, memory)[stage].disk_bytes < limit
    assert planned(LASTS_DAYS, stage_files()["correlate"][1])["correlate"].disk_bytes > limit


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
        *SOURCES, "api", "reports", "release", "notify", "source-ioda", "source-ooni", "source-gdelt"
    }  # fmt: skip
    assert pods("Job").keys() == {"topics"}


def test_pods_have_settings_that_there_are_and_no_rights_that_they_don_t_need() -> None:
    (common,) = [one for one in everything() if one["kind"] == "ConfigMap"]
    ours = {name: value for name, value in common["data"].items() if name.startswith("SHUTDOWNS_")}
    assert unknown(ours) == []
    assert common["data"].keys() - ours.keys() == {"INGRESS_NETWORK"}
    Settings.from_environment({name: value for name, value in ours.items() if not name.endswith("_FILE")})
    for name, (one, pod) in (pods() | pods("Job")).items():
        claimed = [claim["metadata"] for claim in one["spec"].get("volumeClaimTemplates", ())]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            parse([filled_in(word) for word in container["args"]])
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


def filled_in(word: str) -> str:
    """An argument as the container gets it."""
    (common,) = [one["data"] for one in everything() if one["kind"] == "ConfigMap"]
    return re.sub(r"\$\((\w+)\)", lambda found: str(common[found[1]]), word)


@pytest.mark.parametrize("name", ["api", "reports"])
def test_people_behind_the_ingress_are_told_apart_and_others_can_t_say_who_they_are(name: str) -> None:
    (container,) = pods("Deployment")[name][1]["containers"]
    args = container["args"]
    assert args[args.index("--proxy") + 1] == "$(INGRESS_NETWORK)"
    network = filled_in("$(INGRESS_NETWORK)")
    ingress = str(ip_network(network)[1000])
    with filled([]) as state:
        limits = Limits(rate=0.001, burst=2)
        apps = {"api": lambda: create_app(state, limits=limits), "reports": lambda: receiver(limits)}
        server = config(apps[name](), network)
        server.load()

        def asked(peer: str, person: str) -> list[int]:
            client = TestClient(server.loaded_app, client=(peer, 40_000))
            return [client.get("/healthz", headers={"x-forwarded-for": person}).status_code for _ in range(3)]

        assert asked(ingress, "192.0.2.1") == [200, 200, 429]
        assert asked(ingress, "192.0.2.2") == [200, 200, 429], "another person"
        assert asked("198.51.100.1", "192.0.2.3") == [200, 200, 429]
        assert asked("198.51.100.1", "192.0.2.4") == [429, 429, 429], "from outside nobody says who they are"


def receiver(limits: Limits) -> Starlette:
    """The form, which publishes nothing."""

    async def publish(report: Report) -> None:
        raise AssertionError(report)

    return create_receiver(publish, b"salt", limits)


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
        if name.startswith("source-") or name in ("notify", "release"):
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
