"""What overlays have to do with each other: who follows whom has to be let in
there; who does not may share nothing."""

from itertools import combinations
from urllib.parse import parse_qs

# Promised: people's data may be five minutes old.
OLDEST_MS = 300_000
LOCAL = ".covergen-data.svc.cluster.local"


class Overlay:
    """What others may want to know of an overlay."""

    def __init__(self, name, documents):
        self.name = name
        self.documents = documents
        self.cluster = self.one("Cluster", "postgres")["spec"]
        self.settings = self.one("ConfigMap", "settings")["data"]

    def of(self, *kinds):
        return [one for one in self.documents if one["kind"] in kinds]

    def one(self, kind, name):
        """A resource; the names of some end in a hash."""
        for one in self.of(kind):
            called = one["metadata"]["name"]
            if called == name or kind == "ConfigMap" and called.rsplit("-", 1)[0] == name:
                return one
        return {"spec": {}, "data": {}}

    def vault(self):
        """The server and the path of it; none where secrets lie in the cluster."""
        vault = self.one("ClusterSecretStore", "covergen")["spec"]["provider"].get("vault")
        return vault and (vault["server"], vault["path"])

    def archive(self, name):
        store = self.one("ObjectStore", name)["spec"]
        return store and store["configuration"]["destinationPath"]

    def archives(self):
        """Where it writes its log, and under which name."""
        for plugin in self.cluster.get("plugins", []):
            if plugin.get("isWALArchiver"):
                told = plugin["parameters"]
                server = told.get("serverName", "postgres")
                yield self.archive(told["barmanObjectName"]), server

    def follows(self):
        """The archive that it begins from, and the host that it streams from."""
        for external in self.cluster.get("externalClusters", []):
            told = external["plugin"]["parameters"]
            archive = self.archive(told["barmanObjectName"]), told["serverName"]
            yield archive, external["connectionParameters"]["host"]

    def streams(self):
        return self.cluster.get("replica", {}).get("enabled", False)

    def writes_to(self):
        return self.settings["DATABASE_HOST"]

    def is_region(self):
        return not self.writes_to().endswith(LOCAL)

    def bucket(self):
        """Where files lie: a bucket's name means something at its own address."""
        name, _, told = self.settings["COVERGEN__OBJECTS__URL"].partition("?")
        return name, parse_qs(told).get("endpoint")

    def balanced(self, port):
        """Selectors of what other clusters reach at a port."""
        for one in self.of("Service"):
            ports = {each["port"] for each in one["spec"]["ports"]}
            if one["spec"].get("type") == "LoadBalancer" and port in ports:
                yield one["spec"]["selector"]

    def crosses(self, way, port, selector):
        """Whether a policy lets pods speak with ranges of addresses."""
        for one in self.of("NetworkPolicy"):
            wanted = one["spec"]["podSelector"].get("matchLabels", {})
            if not wanted.items() <= selector.items():
                continue
            for rule in one["spec"].get("ingress" if way == "from" else "egress", []):
                ports = {each["port"] for each in rule.get("ports", [])}
                if port in ports and any("ipBlock" in peer for peer in rule.get(way, [])):
                    return True
        return False


def problems(overlays):
    """`overlays`: what each is built of, by name."""
    known = [Overlay(name, documents) for name, documents in overlays.items()]
    sources = {}
    for overlay in known:
        for archive, host in overlay.follows():
            source = next((one for one in known if archive in one.archives()), None)
            if source is None:
                yield f"{overlay.name} follows {archive}, which nobody writes"
                continue
            sources[overlay.name] = source.name
            for problem in followed(overlay, source, host):
                yield f"{overlay.name}, which follows {source.name}: {problem}"
        if overlay.is_region():
            for problem in reads(overlay):
                yield f"{overlay.name}: {problem}"
    yield from shared(known, sources)


def followed(overlay, source, host):
    """What is missing between a copy and what it is of."""
    postgres = {"cnpg.io/cluster": "postgres", "cnpg.io/instanceRole": "primary"}
    if overlay.vault() != source.vault():
        yield "it has other passwords"
    if overlay.streams():
        names = source.cluster.get("certificates", {}).get("serverAltDNSNames", [])
        if host not in names:
            yield f"the certificate there is not of {host}"
        if not overlay.crosses("to", 5432, postgres):
            yield "its database may not reach the one there"
    ports = {5432: postgres}
    if overlay.is_region():
        ports[4222] = {"app.kubernetes.io/name": "nats"}
        if overlay.writes_to() != host:
            yield "it writes elsewhere than it reads"
        if overlay.bucket() != source.bucket():
            yield "rows are shared, and the files that they name are not"
    for port, selector in ports.items():
        if not any(one.items() <= selector.items() for one in source.balanced(port)):
            yield f"nothing there answers other clusters at {port}"
        if not source.crosses("from", port, selector):
            yield f"nobody from other clusters is let in there at {port}"
    allowed = [
        int(one.cluster["postgresql"]["parameters"]["max_connections"]) for one in (overlay, source)
    ]
    if allowed[0] < allowed[1]:
        yield "a replica has to allow for as many connections as its primary"


def reads(overlay):
    """Whether a region's services read from the copy that is there."""
    if int(overlay.settings.get("COVERGEN__DATABASE__REPLICA_MAX_LAG_MS", 0)) > OLDEST_MS:
        yield "what it reads may be older than promised"
    for one in overlay.of("Deployment"):
        if one["metadata"].get("labels", {}).get("app.kubernetes.io/component") != "service":
            continue
        variables = one["spec"]["template"]["spec"]["containers"][0]["env"]
        told = {variable["name"]: variable.get("value", "") for variable in variables}
        if f"@postgres-ro{LOCAL}:" not in told.get("COVERGEN__DATABASE__REPLICA_URL", ""):
            yield f"{one['metadata']['name']} does not read from the copy that is there"


def shared(known, sources):
    """What those share that have nothing to do with each other."""
    for one, other in combinations(known, 2):
        told = f"{one.name} and {other.name}"
        for archive in set(one.archives()) & set(other.archives()):
            yield f"{told} archive to the same {archive}"
        if sources.get(one.name, one.name) == sources.get(other.name, other.name):
            continue
        if one.vault() and one.vault() == other.vault():
            yield f"{told} read the same secrets"
        if one.bucket() == other.bucket():
            yield f"{told} keep files in the same bucket"
