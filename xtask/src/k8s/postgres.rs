//! PostgreSQL as the operator CloudNativePG keeps it: one cluster with a
//! replica and an archive to restore any moment from, one database and one
//! role per service.

use serde_json::{Value, json};

use super::environment::{Data, ENVIRONMENTS, Environment};
use super::roster::{Unit, units};

/// Connections of a pod to the primary (`database.max_read_connections` and
/// `max_write_connections`, two each).
const OF_A_POD: u32 = 4;
/// Connections of everybody else: replicas, the operator, a backup, people.
const OF_OTHERS: u32 = 50;
/// What a connection takes of the server's memory, in MiB, with its caches warm.
const MEMORY_OF_ONE: u32 = 5;

/// Everything of one environment.
pub(crate) fn documents(environment: &Environment) -> Vec<Value> {
    let services: Vec<&Unit> = units(environment.isolated)
        .filter(|unit| unit.is_service())
        .collect();
    let mut found = vec![
        cluster(environment, &services),
        archive(environment),
        nightly(),
    ];
    if let Some(source) = environment.source() {
        found.extend(followed(source));
    }
    for unit in &services {
        found.push(database(unit));
        found.push(credentials(unit, "covergen-data"));
    }
    found
}

fn metadata(name: &str) -> Value {
    json!({"name": name, "namespace": "covergen-data"})
}

/// How many connections there may be when every process of everybody who
/// writes here runs as often as it may, and one more of each takes over. A
/// replica has to allow for as many as what it follows.
fn connections(environment: &Environment) -> u32 {
    let source = environment.source().unwrap_or(environment);
    let writes_there = |one: &&Environment| match one.data {
        Data::Region(name) => name == source.name,
        Data::Own | Data::Standby(_) => one.name == source.name,
    };
    let places = ENVIRONMENTS.iter().filter(writes_there);
    let services = places.flat_map(|place| units(place.isolated).filter(|unit| unit.is_service()));
    let pods: u32 = services.map(|unit| u32::from(unit.replicas.1) + 1).sum();
    (pods * OF_A_POD + OF_OTHERS).next_multiple_of(100)
}

fn cluster(environment: &Environment, services: &[&Unit]) -> Value {
    let connections = connections(environment);
    // Beside a gibibyte for what is shared, and never below four.
    let memory = (connections * MEMORY_OF_ONE).div_ceil(1024) + 1;
    let role = |unit: &&Unit| {
        json!({
            "name": format!("covergen_{}", unit.name),
            "ensure": "present",
            "login": true,
            "passwordSecret": {"name": format!("{}-database", unit.name)},
        })
    };
    let mut cluster = json!({
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
                "limits": {"cpu": "4", "memory": format!("{}Gi", memory.max(4))},
            },
            "postgresql": {"parameters": {
                "max_connections": connections.to_string(),
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
    });
    if environment.followers().next().is_some() {
        // The name that replicas in other clusters find it by.
        cluster["spec"]["certificates"] =
            json!({"serverAltDNSNames": [environment.reached("postgres")]});
    }
    if let Some(source) = environment.source() {
        cluster["spec"]["externalClusters"] = json!([external(source)]);
    }
    cluster
}

/// Where the archive of an environment lies, in a bucket that its kin alone
/// have keys of.
fn destination(environment: &Environment) -> String {
    let origin = environment.origin();
    format!("s3://covergen-archive-{origin}/{}", environment.name)
}

fn object_store(name: &str, destination: &str) -> Value {
    let key = |key: &str| json!({"name": "archive", "key": key});
    json!({
        "apiVersion": "barmancloud.cnpg.io/v1",
        "kind": "ObjectStore",
        "metadata": metadata(name),
        "spec": {"configuration": {
            "destinationPath": destination,
            "s3Credentials": {"accessKeyId": key("id"), "secretAccessKey": key("key")},
            "wal": {"compression": "gzip"},
            "data": {"compression": "gzip"},
        }},
    })
}

fn archive(environment: &Environment) -> Value {
    let mut archive = object_store("archive", &destination(environment));
    archive["spec"]["retentionPolicy"] = json!("30d");
    archive
}

/// What the operator has to know of the databases that are copied. Named alone
/// it does nothing: `components/replica` and `components/drill` use it.
fn external(source: &Environment) -> Value {
    let key = |key: &str| json!({"name": "primary-replication", "key": key});
    json!({
        "name": "primary",
        "connectionParameters": {
            "host": source.reached("postgres"),
            "user": "streaming_replica",
            "dbname": "postgres",
            "sslmode": "verify-full",
        },
        "sslKey": key("tls.key"),
        "sslCert": key("tls.crt"),
        "sslRootCert": key("ca.crt"),
        "plugin": {
            "name": "barman-cloud.cloudnative-pg.io",
            "parameters": {"barmanObjectName": "primary-archive", "serverName": "postgres"},
        },
    })
}

/// The archive of what is copied, and the certificate to stream with.
fn followed(source: &Environment) -> [Value; 2] {
    [
        object_store("primary-archive", &destination(source)),
        json!({
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": metadata("primary-replication"),
            "spec": {
                "refreshInterval": "5m",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "covergen"},
                "target": {"creationPolicy": "Owner"},
                "dataFrom": [{"extract": {"key": "covergen-primary-replication"}}],
            },
        }),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> &'static Environment {
        let found = ENVIRONMENTS.iter().find(|one| one.name == name);
        found.expect("is an environment")
    }

    fn of(name: &str, kind: &str, called: &str) -> Value {
        let documents = documents(environment(name));
        let found = documents
            .into_iter()
            .find(|one| one["kind"] == kind && one["metadata"]["name"] == called);
        found.unwrap_or_else(|| panic!("{name} has no {kind} {called}"))
    }

    #[test]
    fn a_replica_reads_the_archive_that_its_source_writes_and_knows_its_name() {
        for follower in ENVIRONMENTS {
            let Some(source) = follower.source() else {
                continue;
            };
            let path = |of: Value| of["spec"]["configuration"]["destinationPath"].clone();
            let read = path(of(follower.name, "ObjectStore", "primary-archive"));
            let written = path(of(source.name, "ObjectStore", "archive"));
            assert_eq!(read, written, "{}", follower.name);
            assert_ne!(read, path(of(follower.name, "ObjectStore", "archive")));
            let cluster = of(follower.name, "Cluster", "postgres");
            let host = &cluster["spec"]["externalClusters"][0]["connectionParameters"]["host"];
            let cluster = of(source.name, "Cluster", "postgres");
            let names = &cluster["spec"]["certificates"]["serverAltDNSNames"];
            assert_eq!(names, &json!([host]), "{}", follower.name);
        }
    }

    #[test]
    fn every_process_of_every_region_has_its_connections() {
        let services = units(false).filter(|unit| unit.is_service());
        let pods: u32 = services.map(|unit| u32::from(unit.replicas.1)).sum();
        let one = connections(environment("production"));
        assert!(one > pods * OF_A_POD, "{one}");
        let three = connections(environment("us-east"));
        assert!(three > 3 * pods * OF_A_POD, "{three}");
        for (name, expected) in [("dr", one), ("eu-west", three), ("asia-pacific", three)] {
            assert_eq!(connections(environment(name)), expected, "{name}");
        }
        assert!(connections(environment("china")) < one);
        let told = of("us-east", "Cluster", "postgres");
        let parameters = &told["spec"]["postgresql"]["parameters"];
        assert_eq!(parameters["max_connections"], three.to_string());
    }
}
