//! Who each process is, proven: one certificate per service account, signed by
//! the mesh's own authority. Under Istio its proxies do this, so there is none.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::environment::Environment;
use super::roster::{Unit, units};

/// Within which ids mean something.
const TRUST_DOMAIN: &str = "covergen.internal";
/// Where a process finds its certificate.
const FOLDER: &str = "/run/spiffe";
/// What signs. An overlay may replace its spec by that of a vault.
const ISSUER: &str = "covergen-mesh";
/// The root behind it, and the secret that it lies in.
const ROOT: &str = "covergen-mesh-root";

/// `spiffe://DOMAIN/ns/NAMESPACE/sa/NAME`.
fn id(unit: &Unit) -> String {
    let (namespace, name) = (unit.namespace(), unit.name);
    format!("spiffe://{TRUST_DOMAIN}/ns/{namespace}/sa/{name}")
}

fn secret(unit: &Unit) -> String {
    format!("mesh-{}", unit.name)
}

/// The authority, and a certificate for each process.
pub(crate) fn documents(environment: &Environment) -> Vec<Value> {
    let mut found = authority();
    found.extend(units(environment.isolated).map(certificate));
    found
}

fn authority() -> Vec<Value> {
    let issuer = |name: &str, spec: Value| {
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "ClusterIssuer",
            "metadata": {"name": name},
            "spec": spec,
        })
    };
    vec![
        issuer(ROOT, json!({"selfSigned": {}})),
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            // Where cert-manager looks for what issuers of a cluster sign with.
            "metadata": {"name": ROOT, "namespace": "cert-manager"},
            "spec": {
                "isCA": true,
                "commonName": "Covergen mesh",
                "secretName": ROOT,
                "issuerRef": {"name": ROOT, "kind": "ClusterIssuer", "group": "cert-manager.io"},
                // The key stays when the root is renewed, so that certificates
                // of before and after are good beside each other.
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
                "duration": "87600h",
                "renewBefore": "8760h",
            },
        }),
        issuer(ISSUER, json!({"ca": {"secretName": ROOT}})),
    ]
}

fn certificate(unit: &Unit) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": secret(unit), "namespace": unit.namespace()},
        "spec": {
            "secretName": secret(unit),
            "uris": [id(unit)],
            "usages": ["digital signature", "server auth", "client auth"],
            "issuerRef": {"name": ISSUER, "kind": "ClusterIssuer", "group": "cert-manager.io"},
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            // Renewed at half of its time, and taken up without a restart.
            "duration": "24h",
            "renewBefore": "12h",
        },
    })
}

/// Where the certificate lies in a pod: the mount and the volume.
///
/// Optional, because the same pods run where Istio's proxies do this; a
/// process that is told of files that are not there yet does not start.
pub(crate) fn volume(unit: &Unit) -> (Value, Value) {
    (
        json!({"name": "spiffe", "mountPath": FOLDER, "readOnly": true}),
        json!({"name": "spiffe", "secret": {
            "secretName": secret(unit), "defaultMode": 0o440, "optional": true,
        }}),
    )
}

/// What processes are told: where their certificate lies, and which id each of
/// the others has, since BFFs and services have namespaces of their own.
pub(crate) fn section(environment: &Environment) -> String {
    let mut text = format!(
        "\n[mesh.identity]\ntrust_domain = \"{TRUST_DOMAIN}\"\n\
         certificate_file = \"{FOLDER}/tls.crt\"\nkey_file = \"{FOLDER}/tls.key\"\n\
         roots_file = \"{FOLDER}/ca.crt\"\n\n[mesh.identity.services]\n"
    );
    for unit in units(environment.isolated) {
        let _ = writeln!(text, "{} = \"{}\"", unit.name, id(unit));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::environment::ENVIRONMENTS;
    use crate::k8s::settings;

    #[test]
    fn every_process_has_the_certificate_that_the_others_expect_of_it() {
        for environment in ENVIRONMENTS.iter().filter(|one| !one.by_istio()) {
            let documents = documents(environment);
            let told = settings::mesh(environment);
            for unit in units(environment.isolated) {
                let own = documents
                    .iter()
                    .find(|one| one["metadata"]["name"] == secret(unit).as_str());
                let own = own.expect("has a certificate");
                assert_eq!(own["metadata"]["namespace"], unit.namespace());
                let id = own["spec"]["uris"][0].as_str().expect("an id");
                let line = format!("{} = \"{id}\"\n", unit.name);
                assert!(told.contains(&line), "{}: {line}", environment.name);
                let (mount, volume) = volume(unit);
                assert_eq!(volume["secret"]["secretName"], own["spec"]["secretName"]);
                assert_eq!(mount["name"], volume["name"]);
            }
        }
    }

    #[test]
    fn where_istio_proves_who_calls_we_do_not() {
        let istio = ENVIRONMENTS.iter().find(|one| one.by_istio());
        let told = settings::mesh(istio.expect("is there"));
        assert!(!told.contains("identity"), "{told}");
    }
}
