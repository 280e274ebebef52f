"""What was promised is found missing: each test takes something out of what the
overlays were built of (`BUILT`), which are fine as they are."""

import copy
import os
import unittest
from functools import cache
from pathlib import Path

import across
import argo
import figures
from validate import load

ROOT = Path(__file__).parents[2]
BUILT = Path(os.environ["BUILT"])


@cache
def read(name):
    return load(BUILT / f"{name}.yaml")


def overlays(*names):
    return {name: copy.deepcopy(read(name)) for name in names}


def of(documents, kind, name):
    """The first of a kind whose name begins so: some end in a hash."""
    found = (one for one in documents if one["kind"] == kind)
    return next(one for one in found if one["metadata"]["name"].startswith(name))


def without(documents, kind, name):
    documents.remove(of(documents, kind, name))


class Applications(unittest.TestCase):
    def setUp(self):
        self.documents = load(ROOT / "k8s/argocd/applications.yaml")
        self.project = of(self.documents, "AppProject", "covergen")["spec"]
        self.overlays = {path.stem: read("staging") for path in BUILT.glob("*.yaml")}

    def told(self):
        return " ".join(argo.problems(self.documents, self.overlays))

    def test_a_kind_of_the_cluster_has_to_be_allowed(self):
        self.assertEqual(self.told(), "")
        allowed = self.project["clusterResourceWhitelist"]
        allowed[:] = [one for one in allowed if one["kind"] != "ClusterIssuer"]
        self.assertIn("covergen-staging: the project allows no ClusterIssuer", self.told())

    def test_a_namespace_has_to_be_a_destination(self):
        places = self.project["destinations"]
        places[:] = [one for one in places if one["namespace"] != "cert-manager"]
        self.assertIn("allows no namespace cert-manager", self.told())

    def test_every_overlay_has_an_application_and_every_application_an_overlay(self):
        self.documents.remove(of(self.documents, "Application", "covergen-dr"))
        self.assertEqual(self.told(), "dr has no application")
        del self.overlays["china"]
        self.assertIn("covergen-china: no overlay china", self.told())


class Across(unittest.TestCase):
    def told(self, found):
        return " ".join(across.problems(found))

    def test_what_fits_is_not_complained_of(self):
        found = overlays("production", "dr", "drill", "us-east", "eu-west", "china", "staging")
        self.assertEqual(self.told(found), "")

    def test_a_copy_is_of_what_its_source_archives(self):
        found = overlays("production", "us-east", "dr")
        store = of(found["dr"], "ObjectStore", "primary-archive")["spec"]["configuration"]
        store["destinationPath"] = "s3://covergen-archive-us-east/us-east"
        # It streams from one and falls back on the archive of another.
        self.assertIn("the certificate there is not of postgres.production", self.told(found))
        store["destinationPath"] = "s3://covergen-archive/elsewhere"
        self.assertIn("which nobody writes", self.told(found))

    def test_a_standby_has_to_get_out_and_be_let_in(self):
        for name, kind, called, told in [
            ("dr", "NetworkPolicy", "follow-primary", "its database may not reach"),
            ("production", "Service", "postgres-primary", "answers other clusters at 5432"),
            ("production", "NetworkPolicy", "postgres-from-others", "let in there at 5432"),
        ]:
            found = overlays("production", "dr")
            without(found[name], kind, called)
            self.assertIn(told, self.told(found), called)

    def test_a_region_needs_the_event_log_the_files_and_the_passwords_of_its_primary(self):
        found = overlays("us-east", "eu-west")
        without(found["us-east"], "Service", "nats-primary")
        self.assertIn("answers other clusters at 4222", self.told(found))
        found = overlays("us-east", "eu-west")
        without(found["us-east"], "NetworkPolicy", "nats-from-others")
        self.assertIn("let in there at 4222", self.told(found))
        for one in found["eu-west"]:
            if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("settings"):
                one["data"]["COVERGEN__OBJECTS__URL"] = "s3://covergen-eu-west?region=eu-west-1"
        self.assertIn("the files that they name are not", self.told(found))
        vault = of(found["eu-west"], "ClusterSecretStore", "covergen")["spec"]["provider"]["vault"]
        vault["path"] = "covergen-eu-west"
        self.assertIn("it has other passwords", self.told(found))

    def test_a_region_reads_from_its_copy_while_that_is_as_young_as_promised(self):
        found = overlays("us-east", "eu-west")
        cover = of(found["eu-west"], "Deployment", "cover")
        [container] = cover["spec"]["template"]["spec"]["containers"]
        container["env"] = [one for one in container["env"] if "REPLICA" not in one["name"]]
        self.assertIn("cover does not read from the copy", self.told(found))
        for one in found["eu-west"]:
            if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("settings"):
                one["data"]["COVERGEN__DATABASE__REPLICA_MAX_LAG_MS"] = "300001"
        self.assertIn("may be older than promised", self.told(found))

    def test_those_that_are_apart_share_nothing(self):
        found = overlays("production", "china")
        secrets = [of(found[name], "ClusterSecretStore", "covergen") for name in found]
        secrets[1]["spec"] = secrets[0]["spec"]
        self.assertIn("production and china read the same secrets", self.told(found))

    def test_a_drill_archives_under_a_name_of_its_own(self):
        found = overlays("production", "dr", "drill")
        [plugin] = of(found["drill"], "Cluster", "postgres")["spec"]["plugins"]
        del plugin["parameters"]["serverName"]
        self.assertIn("dr and drill archive to the same", self.told(found))

    def test_a_replica_has_room_for_as_many_as_its_primary(self):
        found = overlays("production", "dr")
        told = of(found["dr"], "Cluster", "postgres")["spec"]["postgresql"]["parameters"]
        told["max_connections"] = "100"
        self.assertIn("as many connections as its primary", self.told(found))


class Figures(unittest.TestCase):
    def told(self, documents, name="staging"):
        return " ".join(figures.problems(name, documents))

    def test_what_is_promised_is_there(self):
        self.assertEqual(self.told(read("staging")), "")

    def test_each_figure_of_a_process_is_looked_at(self):
        def container(one):
            return one["spec"]["template"]["spec"]["containers"][0]

        def pod(one):
            return one["spec"]["template"]["spec"]

        for change, told in [
            (
                lambda one: container(one)["livenessProbe"].update(initialDelaySeconds=5),
                "livenessProbe",
            ),
            (
                lambda one: container(one)["readinessProbe"].update(periodSeconds=30),
                "readinessProbe",
            ),
            (lambda one: container(one).pop("startupProbe"), "startupProbe"),
            (
                lambda one: pod(one).update(terminationGracePeriodSeconds=30),
                "the grace: 30, not 45",
            ),
            (
                lambda one: one["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1),
                "rollout",
            ),
            (lambda one: pod(one).pop("topologySpreadConstraints"), "spread"),
            (lambda one: pod(one)["securityContext"].pop("seccompProfile"), "system calls"),
            (lambda one: pod(one)["securityContext"].update(runAsNonRoot=False), "run as root"),
            (lambda one: pod(one).update(automountServiceAccountToken=True), "a token"),
            (
                lambda one: container(one)["securityContext"].update(readOnlyRootFilesystem=False),
                "written to",
            ),
            (lambda one: container(one)["resources"]["limits"].update(memory="1Gi"), "resources"),
        ]:
            documents = copy.deepcopy(read("staging"))
            change(of(documents, "Deployment", "cover"))
            self.assertIn(told, self.told(documents))

    def test_how_far_a_process_grows_and_by_what_is_looked_at(self):
        for change in [
            lambda spec: spec.update(maxReplicas=10),
            lambda spec: spec.update(minReplicas=2),
            lambda spec: spec["metrics"].pop(),
            lambda spec: spec["metrics"][0]["resource"]["target"].update(averageUtilization=90),
        ]:
            documents = copy.deepcopy(read("staging"))
            change(of(documents, "HorizontalPodAutoscaler", "cover")["spec"])
            self.assertIn("Deployment cover: ", self.told(documents))
        documents = copy.deepcopy(read("staging"))
        without(documents, "PodDisruptionBudget", "user")
        self.assertIn("Deployment user: its budget for disruptions", self.told(documents))

    def test_the_event_log_is_three_that_flush(self):
        documents = copy.deepcopy(read("staging"))
        of(documents, "StatefulSet", "nats")["spec"]["replicas"] = 1
        told = of(documents, "ConfigMap", "nats")["data"]
        told["nats.conf"] = told["nats.conf"].replace("sync_interval: always", "sync_interval: 2m")
        told = self.told(documents)
        self.assertIn("the servers of the event log: 1, not 3", told)
        self.assertIn("acknowledges what is not on a disk", told)

    def test_a_secret_in_the_tree_and_one_that_cannot_be_followed_are_told(self):
        documents = copy.deepcopy(read("staging"))
        documents.append({"kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "eA=="}})
        self.assertIn("Secret x stands in the tree", self.told(documents))
        access = of(documents, "ExternalSecret", "keys-access-public")["spec"]
        access["data"] = [
            {"secretKey": "0001.pub", "remoteRef": {"key": "k", "property": "public"}}
        ]
        self.assertIn("keys-access-public has room for one key", self.told(documents))

    def test_where_istio_puts_proxies_in_it_has_to_work_from_the_node(self):
        documents = copy.deepcopy(read("istio"))
        self.assertEqual(self.told(documents, "istio"), "")
        del of(documents, "Namespace", "covergen-edge")["metadata"]["annotations"]
        self.assertIn(
            "covergen-edge: restricted refuses pods that Istio", self.told(documents, "istio")
        )


if __name__ == "__main__":
    unittest.main()
