//! PostgreSQL as the operator CloudNativePG keeps it: one cluster with a
//! replica and an archive to restore any moment from, one database and one
//! role per service.

use serde_json::{Value, json};

use super::environment::Environment;
use super::roster::{Unit, units};

/// Everything of one environment.
pub(crate) fn documents(environment: &Environment) -> Vec<Value> {
    let services: Vec<&Unit> = units(environment.isolated)
        .filter(|unit| unit.is_service())
        .collect();
    let mut found = vec![cluster(&services), archive(environment), nightly()];
    for unit in &services {
        found.push(database(unit));
        found.push(credentials(unit, "covergen-data"));
    }
    found
}

fn metadata(name: &str) -> Value {
    json!({"name": name, "namespace": "covergen-data"})
}

fn cluster(services: &[&Unit]) -> Value {
    let role = |unit: &&Unit| {
        json!({
            "name": format!("covergen_{}", unit.name),
            "ensure": "present",
            "login": true,
            "passwordSecret": {"name": format!("{}-database", unit.name)},
        })
    };
    json!({
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": metadata("postgres"),
        "spec": {
            "imageName": "ghcr.io/cloudnative-pg/postgresql:17.6",
            // A primary and two replicas in other zones; one of them has
            // every commit before it is acknowledged.
            "instances": 3,
            "minSyncReplicas": 1,
            "maxSyncReplicas": 1,
            "affinity": {
                "enablePodAntiAffinity": true,
                "podAntiAffinityType": "preferred",
                "topologyKey": "topology.kubernetes.io/zone",
            },
            "priorityClassName": "covergen-data",
            "storage": {"size": "50Gi"},
            "walStorage": {"size": "20Gi"},
            "resources": {
                "requests": {"cpu": "1", "memory": "2Gi"},
                "limits": {"cpu": "4", "memory": "4Gi"},
            },
            "postgresql": {"parameters": {
                // Each replica of a service holds up to four connections.
                "max_connections": "600",
                "shared_buffers": "512MB",
                "wal_compression": "on",
            }},
            "bootstrap": {"initdb": {"dataChecksums": true, "encoding": "UTF8"}},
            "managed": {"roles": services.iter().map(role).collect::<Vec<_>>()},
            "plugins": [{
                "name": "barman-cloud.cloudnative-pg.io",
                "isWALArchiver": true,
                "parameters": {"barmanObjectName": "archive"},
            }],
        },
    })
}

fn archive(environment: &Environment) -> Value {
    let key = |key: &str| json!({"name": "archive", "key": key});
    json!({
        "apiVersion": "barmancloud.cnpg.io/v1",
        "kind": "ObjectStore",
        "metadata": metadata("archive"),
        "spec": {
            "retentionPolicy": "30d",
            "configuration": {
                "destinationPath": format!("s3://covergen-archive/{}", environment.name),
                "s3Credentials": {"accessKeyId": key("id"), "secretAccessKey": key("key")},
                "wal": {"compression": "gzip"},
                "data": {"compression": "gzip"},
            },
        },
    })
}

fn nightly() -> Value {
    json!({
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "ScheduledBackup",
        "metadata": metadata("nightly"),
        "spec": {
            "schedule": "0 0 2 * * *",
            "backupOwnerReference": "self",
            "cluster": {"name": "postgres"},
            "method": "plugin",
            "pluginConfiguration": {"name": "barman-cloud.cloudnative-pg.io"},
        },
    })
}

fn database(unit: &Unit) -> Value {
    let name = format!("covergen_{}", unit.name);
    json!({
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Database",
        "metadata": metadata(&format!("covergen-{}", unit.name)),
        "spec": {
            "name": name,
            "owner": name,
            "cluster": {"name": "postgres"},
            "databaseReclaimPolicy": "retain",
        },
    })
}

/// The role's name and password, where `namespace` reads them.
pub(crate) fn credentials(unit: &Unit, namespace: &str) -> Value {
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": format!("{}-database", unit.name), "namespace": namespace},
        "spec": {
            "refreshInterval": "5m",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "covergen"},
            "target": {
                "creationPolicy": "Owner",
                "template": {
                    "type": "kubernetes.io/basic-auth",
                    "data": {
                        "username": format!("covergen_{}", unit.name),
                        "password": "{{ .password }}",
                    },
                },
            },
            "data": [{
                "secretKey": "password",
                "remoteRef": {
                    "key": format!("covergen-database-{}", unit.name),
                    "property": "password",
                },
            }],
        },
    })
}
