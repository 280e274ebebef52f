//! Who may reach whom: what the contracts grant, and nothing else.

use serde_json::{Value, json};

use super::callers::Callers;
use super::roster::{Role, Unit};
use super::unit::{GRPC, selector};

/// Address ranges inside of clusters and clouds. What a process calls outside
/// is never there: the metadata service least of all.
const PRIVATE: [&str; 6] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
];

/// The policy of one process; everything that it does not name is denied by
/// the namespace.
pub(crate) fn policy(unit: &Unit, callers: &Callers) -> Value {
    let ingress = match unit.role {
        Role::Service => callers_of(unit, callers),
        Role::Bff { port, .. } => json!([{
            "from": [
                {"podSelector": {"matchLabels": {
                    "gateway.networking.k8s.io/gateway-name": "covergen",
                }}},
                {"namespaceSelector": {"matchLabels": {"covergen.dev/gateway": "true"}}},
            ],
            "ports": [tcp(port)],
        }]),
    };
    let mut egress = Vec::new();
    let callees = callers.callees(unit.name);
    if !callees.is_empty() {
        egress.push(json!({"to": peers(&callees), "ports": [tcp(GRPC)]}));
    }
    egress.push(json!({"to": [engine("nats")], "ports": [tcp(4222)]}));
    egress.push(json!({"to": [engine("redis")], "ports": [tcp(6379)]}));
    if unit.is_service() {
        egress.push(json!({
            "to": [{
                "namespaceSelector": namespace("covergen-data"),
                "podSelector": {"matchLabels": {"cnpg.io/cluster": "postgres"}},
            }],
            "ports": [tcp(5432)],
        }));
    }
    let outward = [443].iter().chain(unit.outward).copied();
    egress.push(json!({
        "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": PRIVATE}}],
        "ports": outward.map(tcp).collect::<Vec<_>>(),
    }));
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": unit.name,
            "namespace": unit.namespace(),
            "labels": {
                "app.kubernetes.io/name": unit.name,
                "app.kubernetes.io/part-of": "covergen",
            },
        },
        "spec": {
            "podSelector": {"matchLabels": selector(unit)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress,
            "egress": egress,
        },
    })
}

fn callers_of(unit: &Unit, callers: &Callers) -> Value {
    let callers = callers.of_service(unit.name);
    if callers.is_empty() {
        return json!([]);
    }
    json!([{"from": peers(&callers), "ports": [tcp(GRPC)]}])
}

/// One peer for each namespace, with the processes in it.
fn peers(units: &[&'static Unit]) -> Vec<Value> {
    let mut peers = Vec::new();
    for place in ["covergen-edge", "covergen-services"] {
        let names: Vec<&str> = units
            .iter()
            .filter(|unit| unit.namespace() == place)
            .map(|unit| unit.name)
            .collect();
        if !names.is_empty() {
            peers.push(json!({
                "namespaceSelector": namespace(place),
                "podSelector": {"matchExpressions": [
                    {"key": "app.kubernetes.io/name", "operator": "In", "values": names},
                ]},
            }));
        }
    }
    peers
}

fn engine(name: &str) -> Value {
    json!({
        "namespaceSelector": namespace("covergen-data"),
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
    })
}

fn namespace(name: &str) -> Value {
    json!({"matchLabels": {"kubernetes.io/metadata.name": name}})
}

fn tcp(port: u16) -> Value {
    json!({"protocol": "TCP", "port": port})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::roster::ROSTER;

    fn callers() -> Callers {
        let image = json!({"file": [{
            "name": "safety.proto",
            "package": "covergen.safety.v1",
            "service": [{"method": [{"options": {
                "[covergen.mesh.v1.method]": {"callers": ["cover"]},
                "[covergen.bff.v1.bff]": {"expose": ["WEB"]},
            }}]}],
        }]});
        Callers::read(&image.to_string()).expect("reads")
    }

    fn unit(name: &str) -> &'static Unit {
        let found = ROSTER.iter().find(|unit| unit.name == name);
        found.expect("is in the roster")
    }

    #[test]
    fn a_service_is_open_to_its_callers_alone_and_they_to_it() {
        let safety = policy(unit("safety"), &callers());
        let text = safety["spec"]["ingress"].to_string();
        assert!(
            text.contains("[\"cover\"]") && text.contains("[\"bff-web\"]"),
            "{text}"
        );
        assert!(
            !text.contains("export") && !text.contains("bff-mobile"),
            "{text}"
        );
        let cover = policy(unit("cover"), &callers());
        assert!(cover["spec"]["egress"].to_string().contains("[\"safety\"]"));
        assert_eq!(cover["spec"]["ingress"], json!([]));
        let export = policy(unit("export"), &callers());
        assert!(!export["spec"]["egress"].to_string().contains("safety"));
    }

    #[test]
    fn only_services_reach_the_database_and_nobody_the_metadata_service() {
        let postgres = |name: &str| {
            let policy = policy(unit(name), &callers());
            policy["spec"]["egress"].to_string().contains("5432")
        };
        assert!(postgres("cover") && !postgres("bff-web"));
        let egress = policy(unit("notification"), &callers())["spec"]["egress"].to_string();
        assert!(egress.contains("169.254.0.0/16"), "{egress}");
    }
}
