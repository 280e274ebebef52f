//! How requests come in: host names, certificates, routes and their weights,
//! for a gateway of the Gateway API or for Istio's.

use serde_json::{Value, json};

use super::environment::Environment;
use super::roster::{Unit, units};

/// The edge by Gateway API: one listener, certificate and route per host name.
pub(crate) fn gateway(environment: &Environment) -> Vec<Value> {
    let listeners = environment.bffs().map(|unit| {
        json!({
            "name": unit.name,
            "hostname": environment.host_of(unit),
            "port": 443,
            "protocol": "HTTPS",
            "tls": {"mode": "Terminate", "certificateRefs": [{"name": "covergen-tls"}]},
            "allowedRoutes": {"namespaces": {"from": "Same"}},
        })
    });
    let plain = json!({
        "name": "http",
        "port": 80,
        "protocol": "HTTP",
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    });
    let listeners: Vec<Value> = [plain].into_iter().chain(listeners).collect();
    let mut found = vec![
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "covergen", "namespace": "covergen-edge"},
            "spec": {
                "gatewayClassName": "covergen",
                "listeners": listeners,
            },
        }),
        certificate(environment),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "to-https", "namespace": "covergen-edge"},
            "spec": {
                "parentRefs": [{"name": "covergen", "sectionName": "http"}],
                "rules": [{"filters": [{
                    "type": "RequestRedirect",
                    "requestRedirect": {"scheme": "https", "statusCode": 301},
                }]}],
            },
        }),
    ];
    found.extend(environment.bffs().map(|unit| route(environment, unit)));
    found
}

/// One certificate for all host names.
fn certificate(environment: &Environment) -> Value {
    let hosts: Vec<String> = environment
        .bffs()
        .map(|unit| environment.host_of(unit))
        .collect();
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "covergen", "namespace": "covergen-edge"},
        "spec": {
            "secretName": "covergen-tls",
            "dnsNames": hosts,
            "issuerRef": {"name": "covergen", "kind": "Issuer", "group": "cert-manager.io"},
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "duration": "2160h",
            "renewBefore": "720h",
        },
    })
}

fn route(environment: &Environment, unit: &Unit) -> Value {
    let release = environment.release;
    let backend = |suffix: &str, weight: u8| json!({"name": format!("{}{suffix}", unit.name), "port": 80, "weight": weight});
    let (live, next) = release.weights();
    let mut everybody = vec![backend("", live)];
    let mut rules = Vec::new();
    if release.has_next() {
        everybody.push(backend("-canary", next));
        rules.push(json!({
            "matches": [{"headers": [
                {"type": "Exact", "name": "x-user-type", "value": "beta"},
            ]}],
            "backendRefs": [backend("-canary", 1)],
        }));
    }
    rules.push(json!({"backendRefs": everybody}));
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": unit.name, "namespace": unit.namespace()},
        "spec": {
            "parentRefs": [{"name": "covergen", "sectionName": unit.name}],
            "hostnames": [environment.host_of(unit)],
            "rules": rules,
        },
    })
}

/// The edge by Istio: the same host names and weights.
pub(crate) fn istio(environment: &Environment) -> Vec<Value> {
    let hosts: Vec<String> = environment
        .bffs()
        .map(|unit| environment.host_of(unit))
        .collect();
    let mut found = vec![
        certificate(environment),
        json!({
            "apiVersion": "networking.istio.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "covergen", "namespace": "covergen-edge"},
            "spec": {
                "selector": {"istio": "ingressgateway"},
                "servers": [
                    {
                        "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
                        "hosts": hosts,
                        "tls": {"mode": "SIMPLE", "credentialName": "covergen-tls"},
                    },
                    {
                        "port": {"number": 80, "name": "http", "protocol": "HTTP"},
                        "hosts": hosts,
                        "tls": {"httpsRedirect": true},
                    },
                ],
            },
        }),
    ];
    found.extend(
        environment
            .bffs()
            .map(|unit| virtual_service(environment, unit)),
    );
    for unit in units(environment.isolated) {
        found.push(destination(unit, unit.name));
        if !unit.is_service() {
            found.push(destination(unit, &format!("{}-canary", unit.name)));
        }
    }
    found
}

fn virtual_service(environment: &Environment, unit: &Unit) -> Value {
    let (live, next) = environment.release.weights();
    let host = format!("{}.{}.svc.cluster.local", unit.name, unit.namespace());
    let canary = host.replacen(unit.name, &format!("{}-canary", unit.name), 1);
    let to = |host: &str, weight: u8| json!({"destination": {"host": host, "port": {"number": 80}}, "weight": weight});
    json!({
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": unit.name, "namespace": unit.namespace()},
        "spec": {
            "hosts": [environment.host_of(unit)],
            "gateways": ["covergen"],
            "http": [
                {
                    "match": [{"headers": {"x-user-type": {"exact": "beta"}}}],
                    "route": [to(&canary, 100)],
                },
                {"route": [to(&host, live), to(&canary, next)]},
            ],
        },
    })
}

fn destination(unit: &Unit, name: &str) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": unit.namespace()},
        "spec": {
            "host": format!("{name}.{}.svc.cluster.local", unit.namespace()),
            "trafficPolicy": {
                "loadBalancer": {"simple": "LEAST_REQUEST"},
                "connectionPool": {"http": {
                    "http1MaxPendingRequests": 100,
                    "http2MaxRequests": 1000,
                }},
                "outlierDetection": {
                    "consecutive5xxErrors": 5,
                    "interval": "30s",
                    "baseEjectionTime": "30s",
                    "maxEjectionPercent": 50,
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::environment::ENVIRONMENTS;

    /// By BFF: weights of what is live and of what comes next, and whether
    /// beta users go to the latter.
    fn split(environment: &Environment) -> Vec<(u64, u64, bool)> {
        let weight = |rule: &Value, at: usize| rule[at]["weight"].as_u64().unwrap_or_default();
        let documents = match environment.by_istio() {
            true => istio(environment),
            false => gateway(environment),
        };
        let judge = |document: &Value| {
            let (rules, key) = match document["kind"].as_str()? {
                "HTTPRoute" => (&document["spec"]["rules"], "backendRefs"),
                "VirtualService" => (&document["spec"]["http"], "route"),
                _ => return None,
            };
            let rules = rules.as_array()?;
            let last = rules.last()?.get(key)?;
            let beta = rules[0].to_string().contains("x-user-type");
            Some((weight(last, 0), weight(last, 1), beta))
        };
        documents.iter().filter_map(judge).collect()
    }

    #[test]
    fn both_kinds_of_edge_split_nine_to_one_and_send_beta_users_ahead() {
        for environment in ENVIRONMENTS {
            let expected = match environment.name {
                "local" => (100, 0, false),
                "staging" | "istio" => (90, 10, true),
                _ => (100, 0, true),
            };
            let bffs = environment.bffs().count();
            assert_eq!(
                split(environment),
                vec![expected; bffs],
                "{}",
                environment.name
            );
        }
    }
}
