//! Certificates for processes that run side by side on one machine.
//!
//! Clusters have cert-manager or SPIRE for this; here an authority lies in a
//! folder, key and all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use covergen_mesh::IdentityConfig;
use serde_json::json;

use crate::roster;

/// Who may call what is for operators, as contracts name them.
const OPERATOR: &str = "admin";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the authority and of what it signs. One that is there goes on
    /// signing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Names to sign for; by default every service, every BFF, and `admin` for
    /// operators.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    services: Vec<String>,
    /// Trust domain of the ids.
    #[arg(long, value_name = "DOMAIN", default_value = TRUST_DOMAIN)]
    trust_domain: String,
    /// Namespace of the ids.
    #[arg(long, value_name = "NAME", default_value = NAMESPACE)]
    namespace: String,
    /// Print one line of JSON for each name.
    #[arg(long)]
    json: bool,
}

/// Where ids of this machine mean something.
pub(crate) const TRUST_DOMAIN: &str = "covergen.local";
/// The namespace that they are in.
pub(crate) const NAMESPACE: &str = "dev";

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let names = match args.services.is_empty() {
        true => everybody(),
        false => args.services,
    };
    let folder = std::path::absolute(&args.out)?;
    let issued = issue(&folder, &args.trust_domain, &args.namespace, &names)?;
    for (name, identity) in &issued {
        let variables = variables(identity);
        if args.json {
            let told: BTreeMap<_, _> = variables.into_iter().collect();
            println!("{}", json!({ "service": name, "environment": told }));
            continue;
        }
        println!("# {name}");
        for (variable, value) in variables {
            println!("export {variable}='{value}'");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Every name that a process of the platform has.
pub(crate) fn everybody() -> Vec<String> {
    let services = roster::services();
    let services = services.iter().map(covergen_chassis::Service::name);
    services
        .chain([
            covergen_bff_web::EDGE.name,
            covergen_bff_mobile::EDGE.name,
            covergen_bff_partner::EDGE.name,
            OPERATOR,
        ])
        .map(str::to_owned)
        .collect()
}

/// A certificate for each of the names, signed by the authority of `folder`,
/// which is made if there is none.
///
/// # Errors
/// The folder cannot be written, a name can be in no id, or this is a build
/// without the authority.
pub(crate) fn issue(
    folder: &Path,
    trust_domain: &str,
    namespace: &str,
    names: &[String],
) -> anyhow::Result<BTreeMap<String, IdentityConfig>> {
    #[cfg(feature = "dev-ca")]
    {
        use anyhow::Context as _;
        use covergen_mesh::identity::dev_ca::DevCa;

        let authority = DevCa::open(folder, trust_domain)
            .with_context(|| format!("cannot use {} as an authority", folder.display()))?;
        let mut issued = BTreeMap::new();
        for name in names {
            let identity = authority
                .issue(namespace, name)
                .with_context(|| format!("cannot sign for {name}"))?;
            issued.insert(name.clone(), identity);
        }
        Ok(issued)
    }
    #[cfg(not(feature = "dev-ca"))]
    {
        let _ = (folder, trust_domain, namespace, names);
        anyhow::bail!("this build has no authority: certificates of a cluster come from its own")
    }
}

/// What a process is told, to be the one whom a certificate names.
pub(crate) fn variables(identity: &IdentityConfig) -> Vec<(String, String)> {
    let file = |path: &Path| path.display().to_string();
    [
        ("TRUST_DOMAIN", identity.trust_domain.clone()),
        ("CERTIFICATE_FILE", file(&identity.certificate_file)),
        ("KEY_FILE", file(&identity.key_file)),
        ("ROOTS_FILE", file(&identity.roots_file)),
    ]
    .into_iter()
    .map(|(key, value)| (format!("COVERGEN__MESH__IDENTITY__{key}"), value))
    .collect()
}

#[cfg(all(test, feature = "dev-ca"))]
mod tests {
    use std::collections::BTreeSet;

    use covergen_mesh::Identity;

    use super::*;

    #[test]
    fn everybody_gets_an_identity_of_their_own_under_one_authority() {
        let folder = tempfile::tempdir().unwrap();
        let names = everybody();
        assert!(names.iter().any(|name| name == "bff-web"), "{names:?}");
        let first = issue(folder.path(), TRUST_DOMAIN, NAMESPACE, &names).unwrap();
        let again = issue(folder.path(), TRUST_DOMAIN, NAMESPACE, &names[..1]).unwrap();
        let mut roots = BTreeSet::new();
        for (name, config) in first.into_iter().chain(again) {
            roots.insert(config.roots_file.clone());
            let told: BTreeMap<_, _> = variables(&config).into_iter().collect();
            let config = covergen_chassis::Config::load(toml::Table::new(), &[], told).unwrap();
            let identity = Identity::load(config.mesh.identity.unwrap()).unwrap();
            assert_eq!(identity.id().service(), name);
        }
        assert_eq!(roots.len(), 1);
        let refused = issue(folder.path(), TRUST_DOMAIN, NAMESPACE, &["a/b".to_owned()]);
        assert!(refused.unwrap_err().to_string().contains("a/b"));
    }
}
