//! The configuration that documents every key is one that loads.

use std::path::PathBuf;

use covergen_chassis::Config;
use covergen_edge::EdgeConfig;
use tempfile::tempdir;

use crate::platform::Platform;

fn documented() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/config.default.toml"))
}

#[test]
fn the_documented_keys_are_the_ones_there_are() {
    let config = Config::load(toml::Table::new(), &[documented()], []).unwrap();
    assert_eq!(config.database.max_read_connections, 4);
    EdgeConfig::from_table(config.bff).unwrap();
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
