//! The configuration that documents every key is one that loads.

use std::path::PathBuf;

use covergen_chassis::Config;
use covergen_edge::EdgeConfig;
use covergen_mesh::MeshPolicy;
use tempfile::tempdir;

use crate::platform::Platform;

fn documented() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/config.default.toml"))
}

#[test]
fn the_documented_keys_are_the_ones_there_are() {
    let config = Config::load(toml::Table::new(), &[documented()], []).unwrap();
    assert_eq!(config.database.max_read_connections, Some(2));
    EdgeConfig::from_table(config.bff).unwrap();
}

/// What the manifests tell processes, environment by environment.
#[test]
fn every_environment_of_the_cluster_is_a_configuration() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s/gen/environments");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let environment = entry.unwrap().path();
        let settings = std::fs::read_to_string(environment.join("settings.env")).unwrap();
        let variables = settings.lines().filter_map(|line| line.split_once('='));
        let variables = variables.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mesh = environment.join("mesh.toml");
        let config = Config::load(toml::Table::new(), &[mesh], variables).unwrap();
        config.mesh.validate().unwrap();
        let policy = std::fs::read_to_string(environment.join("policy.yaml")).unwrap();
        MeshPolicy::parse(&policy).unwrap();
        // Where Istio's proxies prove who calls, we do not.
        let proves = config.mesh.identity.is_some();
        assert_eq!(proves, !environment.ends_with("istio"), "{environment:?}");
        assert!(config.mesh.targets.contains_key("cover"), "{environment:?}");
        assert_eq!(config.listen.grpc, "0.0.0.0:50051");
        EdgeConfig::from_table(config.bff).unwrap();
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");
}

#[tokio::test]
async fn every_service_takes_its_documented_section() {
    let text = std::fs::read_to_string(documented()).unwrap();
    let services: toml::Table = text.parse::<toml::Table>().unwrap();
    let section = toml::Table::from_iter([("services".to_owned(), services["services"].clone())]);
    let folder = tempdir().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, section.to_string()).unwrap();
    let variables = vec![("COVERGEN_CONFIG".to_owned(), file.display().to_string())];
    Platform::start_with(folder.path(), variables).await;
}
