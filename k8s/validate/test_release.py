"""What the workflow does to the tree: its own script, run on a small repository."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
LISTS = ["components/merged", "components/released"]


def image(number):
    return f"registry.example/covergen@sha256:{number:064x}"


class Release(unittest.TestCase):
    """A repository with a branch `main`, and a clone of it for each job."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.run_in(self.folder, "git", "init", "--quiet", "--bare", "-b", "main", "origin")
        self.main = self.clone("main")
        for path in [".ci/release", *[f"k8s/{one}/kustomization.yaml" for one in LISTS]]:
            (self.main / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, self.main / path)
        self.tested = [self.commit(0), self.commit(1)]

    def run_in(self, folder, *command, **variables):
        # What the machine says of identity and of signing does not matter here.
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            env=os.environ | quiet | variables,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def clone(self, name):
        self.run_in(self.folder, "git", "clone", "--quiet", "origin", name)
        for key, value in [("user.name", "x"), ("user.email", "x@example.org")]:
            self.run_in(self.folder / name, "git", "config", key, value)
        return self.folder / name

    def commit(self, number):
        """A merge that changes some manifest; answers its hash."""
        (self.main / "k8s/manifest.yaml").write_text(f"number: {number}\n")
        self.run_in(self.main, "git", "add", "--all")
        self.run_in(self.main, "git", "commit", "--quiet", "-m", str(number))
        self.run_in(self.main, "git", "push", "--quiet", "origin", "HEAD:main")
        return self.run_in(self.main, "git", "rev-parse", "HEAD")

    def job(self, name, commit, number, colour=""):
        """Runs what the workflow runs, as GitHub's runner does; answers its outputs."""
        [step] = [one for one in WORKFLOW["jobs"][name]["steps"] if "run" in one]
        [checkout] = [one for one in WORKFLOW["jobs"][name]["steps"] if "uses" in one]
        place = self.clone(f"job-{len(list(self.folder.iterdir()))}")
        at = checkout.get("with", {}).get("ref", commit)
        self.run_in(place, "git", "checkout", "--quiet", at)
        outputs = self.folder / "outputs"
        outputs.write_text("")
        name, _, digest = image(number).partition("@")
        variables = {"IMAGE": name, "DIGEST": digest, "COLOUR": colour}
        variables |= {"GITHUB_SHA": commit, "GITHUB_OUTPUT": str(outputs)}
        self.run_in(
            place,
            "bash",
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            step["run"],
            **variables,
        )
        return dict(line.split("=", 1) for line in outputs.read_text().splitlines())

    def shown(self, branch, path):
        return self.run_in(self.folder / "origin", "git", "show", f"{branch}:k8s/{path}")

    def images(self, branch, which):
        told = yaml.safe_load(self.shown(branch, f"{which}/kustomization.yaml"))
        return {
            one["name"].removeprefix("covergen").lstrip("-"): int(one["digest"][-64:], 16)
            for one in told["images"]
            if "digest" in one
        }

    def live(self):
        told = yaml.safe_load(self.shown("production", "components/released/kustomization.yaml"))
        return told["components"][0].rpartition("/")[2]

    def test_production_has_the_manifests_that_were_tested_with_its_image(self):
        older, newer = self.tested
        self.job("production", older, 1)
        self.assertEqual(self.shown("production", "manifest.yaml"), "number: 0")
        self.assertEqual(self.images("production", "components/released"), {"": 1, "green": 1})
        # The next one carries over what runs, and nothing else.
        self.job("production", newer, 2)
        self.assertEqual(self.shown("production", "manifest.yaml"), "number: 1")
        self.assertEqual(self.images("production", "components/released"), {"": 2, "green": 2})

    def test_the_switch_turns_to_what_was_looked_at_and_the_next_release_goes_beside_it(self):
        older, newer = self.tested
        colour = self.job("production", older, 1)["colour"]
        self.assertEqual((self.live(), colour), ("blue", "green"))
        self.job("switch", older, 1, colour)
        self.assertEqual(self.live(), "green")
        colour = self.job("production", newer, 2)["colour"]
        self.assertEqual((self.live(), colour), ("green", "blue"))
        told = {"": 2, "blue": 2, "green": 1}
        self.assertEqual(self.images("production", "components/released"), told)
        # A switch that was approved late finds another image in its colour.
        with self.assertRaisesRegex(AssertionError, "another image by now"):
            self.job("switch", older, 1, colour)

    def test_a_canary_is_ahead_until_it_is_promoted(self):
        older, newer = self.tested
        self.job("staging", older, 1)
        self.assertEqual(self.images("main", "components/merged"), {"": 1, "canary": 1})
        self.job("promote", older, 1)
        self.job("staging", newer, 2)
        told = {"": 2, "canary": 2, "current": 1}
        self.assertEqual(self.images("main", "components/merged"), told)
        with self.assertRaisesRegex(AssertionError, "another image by now"):
            self.job("promote", older, 1)
        self.job("promote", newer, 2)
        told = {"": 2, "canary": 2, "current": 2}
        self.assertEqual(self.images("main", "components/merged"), told)

    def test_a_merge_whose_run_took_longer_takes_nothing_back(self):
        older, newer = self.tested
        self.job("staging", newer, 2)
        with self.assertRaisesRegex(AssertionError, "a later merge is there already"):
            self.job("staging", older, 1)
        self.assertEqual(self.images("main", "components/merged"), {"": 2, "canary": 2})
        # What has to be done again is done again.
        self.job("staging", newer, 3)
        self.assertEqual(self.images("main", "components/merged"), {"": 3, "canary": 3})

    def test_no_merge_stands_behind_one_that_waits_for_an_approval(self):
        # A group of a whole run is its commit's alone.
        self.assertIn(
            "github.ref == 'refs/heads/main' && github.sha", WORKFLOW["concurrency"]["group"]
        )
        jobs = WORKFLOW["jobs"]
        of_staging = jobs["staging"]["concurrency"]
        others = {
            jobs[name]["concurrency"]["group"] for name in ["promote", "production", "switch"]
        }
        self.assertEqual(len(others | {of_staging}), 4)
        for name in ["promote", "production", "switch"]:
            self.assertIs(jobs[name]["concurrency"]["cancel-in-progress"], True)


class Followers(unittest.TestCase):
    """Every environment that follows a branch gets what is written there."""

    def built(self, *commands):
        """The images of every overlay's processes, after some commands."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        tree = Path(folder.name)
        shutil.copytree(ROOT / "k8s", tree / "k8s")
        for command in commands:
            subprocess.run([ROOT / ".ci/release", *command], cwd=tree, check=True)
        found = {}
        kubectl = os.environ.get("KUBECTL", "kubectl")
        applications = (tree / "k8s/argocd/applications.yaml").read_text()
        for one in yaml.safe_load_all(applications):
            if one["kind"] != "Application":
                continue
            source = one["spec"]["source"]
            text = subprocess.run(
                [kubectl, "kustomize", tree / source["path"]], check=True, capture_output=True
            ).stdout
            images = {
                document["metadata"]["name"]: each["image"]
                for document in yaml.load_all(text, LOADER)
                if document["kind"] == "Deployment"
                for each in document["spec"]["template"]["spec"]["containers"]
                if each["name"] == "covergen"
            }
            found[one["spec"]["destination"]["name"], source["targetRevision"]] = images
        return found

    def test_what_is_written_once_is_run_everywhere(self):
        found = self.built(["merge", image(1)], ["deploy", image(2)])
        self.assertEqual(len(found), 8)
        for (name, branch), images in found.items():
            number, ahead = {"main": (1, "-canary"), "production": (2, "-green")}[branch]
            for process, runs in images.items():
                is_new = not process.startswith("bff-") or process.endswith(ahead)
                self.assertEqual(runs == image(number), is_new, f"{name}: {process}: {runs}")


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

if __name__ == "__main__":
    unittest.main()
