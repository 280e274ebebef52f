"""Checks built manifests as a cluster would take them.

Built-in kinds are checked against the cluster's own schemas, strictly; custom
kinds against those in `k8s/schemas`; what one resource names in another has
to be there; overlays fit each other (`across`), have the figures that are
promised (`figures`), and may be applied (`argo`). Arguments: the root of the tree, the folder of built overlays.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import across
import argo
import figures
import jsonschema
import kubernetes_validate
import yaml

VERSION = "1.35"
# Groups whose schemas come with Kubernetes.
BUILT_IN = {
    "v1",
    "apps/v1",
    "autoscaling/v2",
    "batch/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
    "scheduling.k8s.io/v1",
}
# Labels of pods that controllers make by themselves.
MADE_BY_OTHERS = {
    "acme.cert-manager.io/http01-solver",
    "gateway.networking.k8s.io/gateway-name",
}


class Findings:
    """What is wrong, and what could not be looked at."""

    def __init__(self, schemas):
        self.schemas = schemas
        self.problems = []
        self.checked = Counter()
        self.unchecked = Counter()
        # Most resources are the same in every overlay.
        self.known = {}

    def look(self, place, document):
        """Checks one resource against its schema."""
        version, kind = document.get("apiVersion"), document.get("kind")
        name = (document.get("metadata") or {}).get("name")
        text = json.dumps(document, sort_keys=True, default=str)
        if text not in self.known:
            self.known[text] = self.judge(version, kind, document)
        problems = self.known[text]
        if problems is None:
            self.unchecked[f"{version} {kind}"] += 1
            return
        self.checked[f"{version} {kind}"] += 1
        self.problems += [f"{place}: {kind} {name}: {problem}" for problem in problems]

    def judge(self, version, kind, document):
        """What is wrong with a resource; None when there is no schema."""
        if version in BUILT_IN:
            try:
                kubernetes_validate.validate(document, VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                path = "/".join(str(part) for part in error.path)
                return [f"{path}: {error.message}"]
            return []
        schema = self.schemas.get((version, kind))
        if schema is None:
            return None
        errors = jsonschema.Draft202012Validator(schema).iter_errors(document)
        return [f"{error.json_path}: {error.message}" for error in errors]

    def refer(self, place, documents):
        """Checks that what a resource names in another is there."""
        cluster = Cluster(documents)
        for problem in cluster.problems():
            self.problems.append(f"{place}: {problem}")


class Cluster:
    """The resources of one overlay, by kind, namespace and name."""

    def __init__(self, documents):
        self.documents = documents
        self.index = {}
        self.doubles = []
        for document in documents:
            key = self.key(document)
            if key in self.index:
                self.doubles.append(key)
            self.index[key] = document

    @staticmethod
    def key(document):
        metadata = document["metadata"]
        return document["kind"], metadata.get("namespace"), metadata["name"]

    def of(self, *kinds):
        return [one for one in self.documents if one["kind"] in kinds]

    def problems(self):
        for key in self.doubles:
            yield f"{key} stands twice"
        namespaces = {one["metadata"]["name"] for one in self.of("Namespace")}
        outside = {"istio-system", "cert-manager"}
        for kind, namespace, name in self.index:
            if namespace and namespace not in namespaces | outside:
                yield f"{kind} {name}: no namespace {namespace}"
        yield from self.selectors()
        yield from self.pods()
        yield from self.edge()

    def templates(self):
        for one in self.of("Deployment", "StatefulSet", "DaemonSet"):
            yield one, one["metadata"]["namespace"], one["spec"]["template"]

    def labels(self, namespace):
        found = [
            template["metadata"]["labels"]
            for _, place, template in self.templates()
            if place == namespace
        ]
        clusters = [one for one in self.of("Cluster") if one["metadata"]["namespace"] == namespace]
        return found + [
            {"cnpg.io/cluster": one["metadata"]["name"], "cnpg.io/instanceRole": role}
            for one in clusters
            for role in ("primary", "replica")
        ]

    def selectors(self):
        for one in self.of("Service", "PodDisruptionBudget", "NetworkPolicy"):
            spec, metadata = one["spec"], one["metadata"]
            selector = spec.get("selector") or spec.get("podSelector") or {}
            wanted = selector.get("matchLabels", {} if "podSelector" in spec else selector)
            if MADE_BY_OTHERS & set(wanted):
                continue
            labels = self.labels(metadata["namespace"])
            if wanted and not any(wanted.items() <= one.items() for one in labels):
                yield f"{one['kind']} {metadata['name']} selects no pod by {wanted}"
        for one in self.of("HorizontalPodAutoscaler"):
            target, metadata = one["spec"]["scaleTargetRef"], one["metadata"]
            if (target["kind"], metadata["namespace"], target["name"]) not in self.index:
                yield f"HorizontalPodAutoscaler {metadata['name']} scales nothing"

    def pods(self):
        secrets = {
            (one["metadata"]["namespace"], one["metadata"]["name"])
            for one in self.of("ExternalSecret")
        } | {
            (one["metadata"]["namespace"], one["spec"]["secretName"])
            for one in self.of("Certificate")
        }
        for owner, namespace, template in self.templates():
            spec = template["spec"]
            told = f"{owner['kind']} {owner['metadata']['name']}"
            account = spec.get("serviceAccountName")
            if account and ("ServiceAccount", namespace, account) not in self.index:
                yield f"{told}: no service account {account}"
            priority = spec.get("priorityClassName")
            if priority and ("PriorityClass", None, priority) not in self.index:
                yield f"{told}: no priority class {priority}"
            if (
                owner["spec"]["selector"]["matchLabels"].items()
                - template["metadata"]["labels"].items()
            ):
                yield f"{told} does not select its own pods"
            maps, keys = set(), set()
            volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
            claims = owner["spec"].get("volumeClaimTemplates", [])
            for volume in volumes.values():
                maps.add(volume.get("configMap", {}).get("name"))
                secret = volume.get("secret", {})
                if not secret.get("optional"):
                    keys.add(secret.get("secretName"))
            for container in spec["containers"]:
                if "@" not in container["image"] and ":" not in container["image"].split("/")[-1]:
                    yield f"{told}: the image {container['image']} has no version"
                for source in container.get("envFrom", []):
                    maps.add(source.get("configMapRef", {}).get("name"))
                for variable in container.get("env", []):
                    source = variable.get("valueFrom", {}).get("secretKeyRef", {})
                    keys.add(source.get("name"))
                mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
                known = set(volumes) | {claim["metadata"]["name"] for claim in claims}
                for name in mounted - known:
                    yield f"{told}: no volume {name}"
            for name in maps - {None}:
                if ("ConfigMap", namespace, name) not in self.index:
                    yield f"{told}: no config map {name}"
            for name in keys - {None}:
                if (namespace, name) not in secrets:
                    yield f"{told}: no external secret {name}"

    def edge(self):
        services = {
            (one["metadata"]["namespace"], one["metadata"]["name"]) for one in self.of("Service")
        }
        listeners = {
            (one["metadata"]["name"], listener["name"])
            for one in self.of("Gateway")
            for listener in one["spec"].get("listeners", [])
        }
        for route in self.of("HTTPRoute"):
            metadata, spec = route["metadata"], route["spec"]
            for parent in spec["parentRefs"]:
                if (parent["name"], parent["sectionName"]) not in listeners:
                    yield f"HTTPRoute {metadata['name']}: no listener {parent['sectionName']}"
            for rule in spec["rules"]:
                for backend in rule.get("backendRefs", []):
                    if (metadata["namespace"], backend["name"]) not in services:
                        yield f"HTTPRoute {metadata['name']}: no service {backend['name']}"
        hosts = [
            destination["destination"]["host"]
            for one in self.of("VirtualService")
            for rule in one["spec"]["http"]
            for destination in rule["route"]
        ] + [one["spec"]["host"] for one in self.of("DestinationRule")]
        for host in hosts:
            name, namespace = host.split(".")[:2]
            if (namespace, name) not in services:
                yield f"no service {host}"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """As a cluster reads: what looks like a moment is a text."""


Loader.yaml_implicit_resolvers = {
    first: [one for one in found if not one[0].endswith(":timestamp")]
    for first, found in Loader.yaml_implicit_resolvers.items()
}


def load(path):
    return [one for one in yaml.load_all(path.read_text(), Loader) if one]


def schemas(folder):
    """The schemas by version and kind, each of which names both."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        properties = schema["properties"]
        found[properties["apiVersion"]["const"], properties["kind"]["const"]] = schema
    return found


def main(root, built):
    findings = Findings(schemas(root / "k8s/schemas"))
    overlays = {path.stem: load(path) for path in sorted(built.glob("*.yaml"))}
    for name, documents in overlays.items():
        for document in documents:
            findings.look(name, document)
        findings.refer(name, documents)
        findings.problems += [f"{name}: {one}" for one in figures.problems(name, documents)]
    findings.problems += across.problems(overlays)
    applied = []
    for path in sorted((root / "k8s/argocd").glob("*.yaml")):
        applied += load(path)
    for document in applied:
        findings.look("argocd", document)
    findings.problems += argo.problems(applied, overlays)
    for problem in findings.problems:
        print(f"error: {problem}", file=sys.stderr)
    total = sum(findings.checked.values())
    print(
        f"{len(overlays)} overlays, {total} resources checked against {len(findings.checked)} kinds"
    )
    for kind, count in sorted(findings.unchecked.items()):
        print(f"unchecked, for want of a schema: {kind} ({count})")
    return 1 if findings.problems or not overlays else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
