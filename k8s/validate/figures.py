"""The figures that are promised of every overlay."""

# Processes whose pods draw, and what they ask for and may take.
LARGE = ({"cpu": "500m", "memory": "1Gi"}, {"cpu": "2", "memory": "4Gi"})
LARGE_ONES = {"cover", "edit", "export"}
PART = ("app.kubernetes.io/part-of", "covergen")
# One replica of everything, by hand, on a machine of one's own.
SMALL_OVERLAYS = {"local"}


def problems(name, documents):
    """What differs from what is promised in one overlay."""
    is_small = name in SMALL_OVERLAYS
    for one in documents:
        kind, called = one["kind"], one["metadata"]["name"]
        if kind == "Secret":
            yield f"Secret {called} stands in the tree"
        if kind in {"Deployment", "StatefulSet", "DaemonSet"}:
            for problem in confined(one):
                yield f"{kind} {called}: {problem}"
        if kind == "Deployment" and is_ours(one):
            for problem in workload(one, documents, is_small):
                yield f"{kind} {called}: {problem}"
        if kind == "Namespace":
            yield from namespace(one)
        if kind == "ExternalSecret" and called.startswith("keys-") and "data" in one["spec"]:
            # Every property of the vault's has to be a file: a key follows another.
            yield f"ExternalSecret {called} has room for one key alone"
    yield from log(documents)


def is_ours(one):
    key, value = PART
    return one["metadata"].get("labels", {}).get(key) == value


def confined(owner):
    """Whether pods are kept to themselves."""
    if owner["metadata"]["namespace"] == "covergen-observability":
        return
    spec = owner["spec"]["template"]["spec"]
    context = spec.get("securityContext", {})
    if not context.get("runAsNonRoot") or not context.get("runAsUser"):
        yield "it may run as root"
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "system calls are not filtered"
    if spec.get("automountServiceAccountToken") is not False:
        yield "it has a token of the cluster"
    for container in spec["containers"] + spec.get("initContainers", []):
        context = container.get("securityContext", {})
        if not context.get("readOnlyRootFilesystem"):
            yield "its root can be written to"
        if context.get("allowPrivilegeEscalation") is not False:
            yield "it may gain rights"
        if context.get("capabilities", {}).get("drop") != ["ALL"]:
            yield "it has capabilities"


def workload(one, documents, is_small):
    """How a process of ours is started, watched, ended and spread."""
    spec, metadata = one["spec"], one["metadata"]
    pod = spec["template"]["spec"]
    [container] = pod["containers"]
    yield from differs("the grace", pod.get("terminationGracePeriodSeconds"), 45)
    rolling = {"maxSurge": 1, "maxUnavailable": 0}
    yield from differs("the rollout", spec["strategy"].get("rollingUpdate"), rolling)
    for probe, path, begins, every in [
        ("livenessProbe", "/health/live", 30, 10),
        ("readinessProbe", "/health/ready", 10, 5),
    ]:
        told = container.get(probe, {})
        found = (
            told.get("httpGet", {}).get("path"),
            told.get("initialDelaySeconds"),
            told.get("periodSeconds"),
        )
        yield from differs(f"the {probe}", found, (path, begins, every))
    started = container.get("startupProbe", {}).get("httpGet", {}).get("path")
    yield from differs("the startupProbe", started, "/health/live")
    spread = {
        each["topologyKey"]
        for each in pod.get("topologySpreadConstraints", [])
        if each["labelSelector"]["matchLabels"] == spec["selector"]["matchLabels"]
    }
    zones = {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    yield from differs("what it is spread over", spread, zones)
    if not pod.get("priorityClassName"):
        yield "it has no priority"
    budgets = [
        other["spec"].get("maxUnavailable")
        for other in documents
        if other["kind"] == "PodDisruptionBudget"
        and other["metadata"]["namespace"] == metadata["namespace"]
        and other["spec"]["selector"]["matchLabels"] == spec["selector"]["matchLabels"]
    ]
    yield from differs("its budget for disruptions", budgets, [1])
    if is_small:
        return
    name = metadata["labels"]["app.kubernetes.io/name"]
    asked = container["resources"]
    if name in LARGE_ONES:
        yield from differs("its resources", (asked["requests"], asked["limits"]), LARGE)
    yield from scaled(one, name, documents)


def scaled(one, name, documents):
    """By what a Deployment grows, and how far."""
    metadata = one["metadata"]
    found = [
        other["spec"]
        for other in documents
        if other["kind"] == "HorizontalPodAutoscaler"
        and other["metadata"]["namespace"] == metadata["namespace"]
        and other["spec"]["scaleTargetRef"]["name"] == metadata["name"]
    ]
    if len(found) != 1:
        yield f"{len(found)} autoscalers"
        return
    [scaler] = found
    replicas = (3, 20) if name == "cover" else (2, 10)
    if metadata["labels"]["covergen.dev/track"] == "canary":
        replicas = (1, replicas[1])
    yield from differs("its replicas", (scaler["minReplicas"], scaler["maxReplicas"]), replicas)
    told = {}
    for metric in scaler["metrics"]:
        if metric["type"] == "Resource":
            resource = metric["resource"]
            told[resource["name"]] = resource["target"]["averageUtilization"]
        else:
            external = metric["external"]
            told[external["metric"]["name"]] = external["target"]["averageValue"]
    expected = {"cpu": 70, "memory": 80}
    if name == "cover":
        expected["pending_tasks"] = "30"
    yield from differs("what it grows by", told, expected)


def namespace(one):
    """Where Istio puts its proxies in, pods that set up a network are refused."""
    labels = one["metadata"].get("labels", {})
    notes = one["metadata"].get("annotations", {})
    if labels.get("istio-injection") != "enabled":
        return
    level = labels.get("pod-security.kubernetes.io/enforce")
    if level != "privileged" and notes.get("covergen.dev/requires") != "istio-cni":
        yield f"Namespace {one['metadata']['name']}: {level} refuses pods that Istio changes"


def log(documents):
    """The event log, where it is kept here."""
    for one in documents:
        name = one["metadata"]["name"]
        if one["kind"] == "StatefulSet" and name == "nats":
            yield from differs("the servers of the event log", one["spec"]["replicas"], 3)
            told = [
                other["data"]["nats.conf"]
                for other in documents
                if other["kind"] == "ConfigMap" and "nats.conf" in other["data"]
            ]
            if len(told) != 1 or "\n  sync_interval: always\n" not in told[0]:
                yield "the event log acknowledges what is not on a disk"


def differs(what, found, expected):
    if found != expected:
        yield f"{what}: {found}, not {expected}"
