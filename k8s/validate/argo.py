"""Whether Argo CD may apply what its applications name."""

from fnmatch import fnmatchcase

# Applied by hand: on a machine of one's own, and on the cluster of a drill.
BY_HAND = {"local", "drill"}


def problems(documents, overlays):
    """`documents`: of Argo CD; `overlays`: what each is built of, by name."""
    projects = {
        one["metadata"]["name"]: one["spec"] for one in documents if one["kind"] == "AppProject"
    }
    applied = set()
    for one in documents:
        if one["kind"] != "Application":
            continue
        name, spec = one["metadata"]["name"], one["spec"]
        overlay = spec["source"]["path"].removeprefix("k8s/overlays/")
        applied.add(overlay)
        if overlay not in overlays:
            yield f"{name}: no overlay {overlay}"
        elif spec["project"] not in projects:
            yield f"{name}: no project {spec['project']}"
        else:
            for problem in forbidden(projects[spec["project"]], spec, overlays[overlay]):
                yield f"{name}: the project allows no {problem}"
    for overlay in sorted(set(overlays) - applied - BY_HAND):
        yield f"{overlay} has no application"


def forbidden(project, spec, documents):
    """What of `documents` the project keeps an application from applying."""
    if not any(fnmatchcase(spec["source"]["repoURL"], one) for one in project["sourceRepos"]):
        yield f"source {spec['source']['repoURL']}"
    found = set()
    for document in documents:
        group = document["apiVersion"].rpartition("/")[0]
        kind, namespace = document["kind"], document["metadata"].get("namespace")
        if namespace is None:
            if not allowed(project["clusterResourceWhitelist"], group=group, kind=kind):
                found.add(f"{kind} of {group or 'the core'}")
        elif not allowed(
            project["destinations"], namespace=namespace, name=spec["destination"]["name"]
        ):
            found.add(f"namespace {namespace}")
    yield from sorted(found)


def allowed(patterns, **values):
    return any(
        all(fnmatchcase(value, pattern[key]) for key, value in values.items())
        for pattern in patterns
    )
