"""The checks find what is planted: a manifest with a mistake is refused."""

import copy
import unittest
from pathlib import Path

import yaml
from validate import Findings, schemas

ROOT = Path(__file__).parents[2]


def environment():
    folder = ROOT / "k8s/gen/environments/production"
    return [one for one in yaml.safe_load_all((folder / "edge.yaml").read_text()) if one]


def service(name):
    path = ROOT / f"k8s/gen/services/{name}/unit.yaml"
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def of_kind(documents, kind):
    return next(one for one in documents if one["kind"] == kind)


class Schemas(unittest.TestCase):
    def problems(self, document):
        findings = Findings(schemas(ROOT / "k8s/schemas"))
        findings.look("planted", document)
        self.assertEqual(findings.unchecked, {})
        return findings.problems

    def test_a_generated_deployment_is_fine_and_a_misspelt_key_is_not(self):
        deployment = of_kind(service("cover"), "Deployment")
        self.assertEqual(self.problems(deployment), [])
        deployment["spec"]["template"]["spec"]["terminationGracePeriod"] = 45
        self.assertIn("terminationGracePeriod", self.problems(deployment)[0])

    def test_a_route_is_fine_and_one_of_a_wrong_weight_is_not(self):
        route = of_kind(environment(), "HTTPRoute")
        self.assertEqual(self.problems(route), [])
        wrong = copy.deepcopy(of_kind(environment()[3:], "HTTPRoute"))
        wrong["spec"]["rules"][-1]["backendRefs"][0]["weight"] = "90"
        self.assertIn("'90' is not of type", self.problems(wrong)[0])

    def test_an_unknown_field_of_a_custom_kind_is_refused(self):
        secret = of_kind(service("auth"), "ExternalSecret")
        self.assertEqual(self.problems(secret), [])
        secret["spec"]["secretStore"] = {}
        self.assertIn("secretStore", self.problems(secret)[0])

    def test_a_kind_without_a_schema_is_named_as_unchecked(self):
        findings = Findings({})
        findings.look("planted", of_kind(environment(), "Gateway"))
        self.assertEqual(dict(findings.unchecked), {"gateway.networking.k8s.io/v1 Gateway": 1})


class References(unittest.TestCase):
    def problems(self, documents):
        findings = Findings({})
        findings.refer("planted", documents)
        return " ".join(findings.problems)

    def test_what_a_pod_needs_has_to_be_there(self):
        told = self.problems(service("cover"))
        for missing in ["namespace covergen-services", "config map mesh", "config map settings"]:
            self.assertIn(missing, told)
        for missing in ["external secret engines", "external secret keys-internal"]:
            self.assertIn(missing, told)
        self.assertIn("the image covergen has no version", told)
        self.assertNotIn("external secret cover-database", told)
        self.assertNotIn("service account", told)

    def test_a_selector_that_finds_nothing_is_told(self):
        documents = service("cover")
        self.assertNotIn("selects no pod", self.problems(documents))
        of_kind(documents, "Service")["spec"]["selector"] = {"app.kubernetes.io/name": "covr"}
        self.assertIn("Service cover selects no pod", self.problems(documents))

    def test_a_route_to_nowhere_and_a_double_are_told(self):
        documents = environment()
        self.assertIn("no service bff-web", self.problems(documents))
        self.assertIn("stands twice", self.problems(documents + documents[:1]))


if __name__ == "__main__":
    unittest.main()
