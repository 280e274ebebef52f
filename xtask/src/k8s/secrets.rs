//! Where an environment's secrets come from. None stands in the tree.

use serde_json::{Value, json};

use super::environment::Environment;

/// The store that every ExternalSecret names. Environments that share databases
/// share a path; any other has one of its own, and each cluster proves who it
/// is at its own door, so that staging cannot ask for what production has.
pub(crate) fn store(environment: &Environment) -> Value {
    let server = match environment.isolated {
        // Its keys never leave it either.
        true => format!("https://vault.{}", environment.host),
        false => "https://vault.covergen.example".to_owned(),
    };
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterSecretStore",
        "metadata": {"name": "covergen"},
        "spec": {"provider": {"vault": {
            "server": server,
            "path": path(environment),
            "version": "v2",
            "auth": {"kubernetes": {
                "mountPath": format!("kubernetes-{}", environment.name),
                "role": "covergen",
                "serviceAccountRef": {"name": "external-secrets", "namespace": "external-secrets"},
            }},
        }}},
    })
}

fn path(environment: &Environment) -> String {
    format!("covergen-{}", environment.origin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::environment::ENVIRONMENTS;

    #[test]
    fn who_shares_no_database_shares_no_secret() {
        for one in ENVIRONMENTS {
            for other in ENVIRONMENTS.iter().filter(|other| other.name != one.name) {
                let (here, there) = (store(one), store(other));
                let vault = |store: &Value| store["spec"]["provider"]["vault"].clone();
                let (here, there) = (vault(&here), vault(&there));
                let is_kin = one.origin() == other.origin();
                assert_eq!(
                    here["path"] == there["path"],
                    is_kin,
                    "{} {}",
                    one.name,
                    other.name
                );
                assert_ne!(here["auth"], there["auth"]);
            }
        }
    }
}
