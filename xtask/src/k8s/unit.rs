//! What runs a process: its Deployment and everything that stands around it.

use serde_json::{Value, json};

use super::roster::{Role, Unit};

/// Where every process answers gRPC, and where operators' tools read it; as
/// in `crates/covergen/config.default.toml`.
pub(crate) const GRPC: u16 = 50051;
pub(crate) const ADMIN: u16 = 9464;

/// One of several Deployments of the same process that differ in what they
/// are given to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    /// Follows the name of the process; empty for the only one.
    pub(crate) suffix: &'static str,
    /// The value of the label `covergen.dev/track`.
    pub(crate) track: &'static str,
    /// What kustomize replaces by the image and its digest.
    pub(crate) image: &'static str,
}

impl Variant {
    pub(crate) const STABLE: Self = Self {
        suffix: "",
        track: "stable",
        image: "covergen",
    };
    /// What everybody gets beside a canary. Services have no canary, so they get
    /// a new image before this: what comes next may call what they newly offer.
    pub(crate) const CURRENT: Self = Self {
        image: "covergen-current",
        ..Self::STABLE
    };
    pub(crate) const CANARY: Self = Self {
        suffix: "-canary",
        track: "canary",
        image: "covergen-canary",
    };
    pub(crate) const BLUE: Self = Self {
        suffix: "-blue",
        track: "blue",
        image: "covergen-blue",
    };
    pub(crate) const GREEN: Self = Self {
        suffix: "-green",
        track: "green",
        image: "covergen-green",
    };
}

/// Labels by which pods of a process are found, whatever their variant.
pub(crate) fn selector(unit: &Unit) -> Value {
    json!({"app.kubernetes.io/name": unit.name})
}

/// Labels of everything that belongs to a process.
fn labels(unit: &Unit, variant: Variant) -> Value {
    json!({
        "app.kubernetes.io/name": unit.name,
        "app.kubernetes.io/part-of": "covergen",
        "app.kubernetes.io/component": if unit.is_service() { "service" } else { "bff" },
        "covergen.dev/track": variant.track,
    })
}

/// Labels by which pods of one variant are found.
fn own(unit: &Unit, variant: Variant) -> Value {
    json!({"app.kubernetes.io/name": unit.name, "covergen.dev/track": variant.track})
}

fn metadata(unit: &Unit, variant: Variant) -> Value {
    json!({
        "name": format!("{}{}", unit.name, variant.suffix),
        "namespace": unit.namespace(),
        "labels": labels(unit, variant),
    })
}

/// Deployment, budget and autoscaler of one variant.
pub(crate) fn workload(unit: &Unit, variant: Variant) -> Vec<Value> {
    vec![
        deployment(unit, variant),
        budget(unit, variant),
        autoscaler(unit, variant),
    ]
}

pub(crate) fn account(unit: &Unit) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": unit.name,
            "namespace": unit.namespace(),
            "labels": {
                "app.kubernetes.io/name": unit.name,
                "app.kubernetes.io/part-of": "covergen",
            },
        },
        "automountServiceAccountToken": false,
    })
}

/// Where a service is found: headless, so that callers see every replica and
/// balance between them.
pub(crate) fn headless(unit: &Unit) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": unit.name,
            "namespace": unit.namespace(),
            "labels": labels(unit, Variant::STABLE),
        },
        "spec": {
            "clusterIP": "None",
            "selector": selector(unit),
            "ports": [{"name": "grpc", "port": GRPC, "targetPort": "grpc", "appProtocol": "grpc"}],
        },
    })
}

/// Where a BFF is found by the gateway: pods of one variant.
pub(crate) fn facade(unit: &Unit, suffix: &str, serves: &str, selects: Variant) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": format!("{}{suffix}", unit.name),
            "namespace": unit.namespace(),
            "labels": {
                "app.kubernetes.io/name": unit.name,
                "app.kubernetes.io/part-of": "covergen",
                "covergen.dev/serves": serves,
            },
        },
        "spec": {
            "selector": own(unit, selects),
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "appProtocol": "http"}],
        },
    })
}

fn deployment(unit: &Unit, variant: Variant) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(unit, variant),
        "spec": {
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": own(unit, variant)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": {
                "metadata": {"labels": labels(unit, variant)},
                "spec": pod(unit, variant),
            },
        },
    })
}

fn pod(unit: &Unit, variant: Variant) -> Value {
    let keys = |folder: &str, secret: &str| {
        let path = format!("/run/secrets/covergen/{folder}");
        (
            json!({"name": format!("keys-{folder}"), "mountPath": path, "readOnly": true}),
            json!({"name": format!("keys-{folder}"), "secret": {
                "secretName": secret, "defaultMode": 0o440,
            }}),
        )
    };
    // Only auth signs access tokens; the others verify them.
    let access = match unit.name {
        "auth" => "keys-access",
        _ => "keys-access-public",
    };
    let (access_mount, access_volume) = keys("access", access);
    let (internal_mount, internal_volume) = keys("internal", "keys-internal");
    let (identity_mount, identity_volume) = super::identity::volume(unit);
    let mounts = [access_mount, internal_mount, identity_mount];
    let spread = |key: &str| {
        json!({
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": own(unit, variant)},
        })
    };
    json!({
        "serviceAccountName": unit.name,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "priorityClassName": priority(unit),
        "terminationGracePeriodSeconds": 45,
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "fsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            spread("topology.kubernetes.io/zone"),
            spread("kubernetes.io/hostname"),
        ],
        "containers": [container(unit, variant, &mounts)],
        "volumes": [
            {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "mesh", "configMap": {"name": "mesh"}},
            access_volume,
            internal_volume,
            identity_volume,
        ],
    })
}

fn priority(unit: &Unit) -> &'static str {
    match (unit.role, unit.queue) {
        (Role::Bff { .. }, _) => "covergen-edge",
        // What works through a queue can wait.
        (_, Some(_)) => "covergen-work",
        _ => "covergen-service",
    }
}

fn container(unit: &Unit, variant: Variant, keys: &[Value]) -> Value {
    let probe = |path: &str| json!({"path": path, "port": "admin"});
    let mut ports = vec![json!({"name": "admin", "containerPort": ADMIN})];
    ports.push(match unit.role {
        Role::Service => json!({"name": "grpc", "containerPort": GRPC}),
        Role::Bff { port, .. } => json!({"name": "http", "containerPort": port}),
    });
    let mut mounts = vec![
        json!({"name": "tmp", "mountPath": "/tmp"}),
        json!({"name": "mesh", "mountPath": "/etc/covergen", "readOnly": true}),
    ];
    mounts.extend_from_slice(keys);
    json!({
        "name": "covergen",
        "image": variant.image,
        "args": ["serve", unit.name],
        "ports": ports,
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "env": super::settings::variables(unit),
        "resources": {
            "requests": {"cpu": unit.size.cpu.0, "memory": unit.size.memory.0},
            "limits": {"cpu": unit.size.cpu.1, "memory": unit.size.memory.1},
        },
        "startupProbe": {
            "httpGet": probe("/health/live"),
            "periodSeconds": 1,
            "failureThreshold": 60,
        },
        "livenessProbe": {
            "httpGet": probe("/health/live"),
            "initialDelaySeconds": 30,
            "periodSeconds": 10,
            "timeoutSeconds": 2,
            "failureThreshold": 3,
        },
        "readinessProbe": {
            "httpGet": probe("/health/ready"),
            "initialDelaySeconds": 10,
            "periodSeconds": 5,
            "timeoutSeconds": 4,
            "failureThreshold": 2,
        },
        // Callers and the gateway take the pod out before it stops listening.
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    })
}

fn budget(unit: &Unit, variant: Variant) -> Value {
    json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(unit, variant),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": own(unit, variant)},
        },
    })
}

fn autoscaler(unit: &Unit, variant: Variant) -> Value {
    let usage = |name: &str, percent: u8| {
        json!({"type": "Resource", "resource": {
            "name": name,
            "target": {"type": "Utilization", "averageUtilization": percent},
        }})
    };
    let mut metrics = vec![usage("cpu", 70), usage("memory", 80)];
    if let Some(kind) = unit.queue {
        metrics.push(json!({"type": "External", "external": {
            "metric": {"name": "pending_tasks", "selector": {"matchLabels": {"kind": kind}}},
            "target": {"type": "AverageValue", "averageValue": "30"},
        }}));
    }
    // A canary gets a tenth of the calls, so it starts as small as it may.
    let fewest = match variant {
        Variant::CANARY => 1,
        _ => unit.replicas.0,
    };
    json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(unit, variant),
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": format!("{}{}", unit.name, variant.suffix),
            },
            "minReplicas": fewest,
            "maxReplicas": unit.replicas.1,
            "metrics": metrics,
            // Up at once, down slowly: load comes in waves.
            "behavior": {
                "scaleUp": {"stabilizationWindowSeconds": 0},
                "scaleDown": {"stabilizationWindowSeconds": 300},
            },
        },
    })
}
