//! What a process says when it cannot start.

use std::path::PathBuf;

use covergen_chassis::{BoxError, Config, Context, Host, Service, Wiring};
use covergen_ids::Clock;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Section {
    lease_ms: u32,
}

fn service() -> Service {
    Service::new("probe", |context: Context| async move {
        let section: Section = context.config()?;
        assert_eq!(section.lease_ms, 5);
        Ok::<_, BoxError>(Wiring::new())
    })
}

async fn start(variables: &[(&str, &str)]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let variables = variables
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()));
    let config = Config::load(Config::embedded(folder.path()), &[], variables)
        .map_err(|error| error.to_string())?;
    let host = Host::open(config, Clock::system())
        .await
        .map_err(|error| error.to_string())?;
    let hosted = host
        .start(vec![service()])
        .await
        .map_err(|error| error.to_string())?;
    hosted.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_section_of_a_service_is_read_by_the_service() {
    start(&[("COVERGEN__SERVICES__PROBE__LEASE_MS", "5")])
        .await
        .unwrap();
}

#[tokio::test]
async fn an_unknown_key_of_a_service_is_named_with_the_service() {
    let error = start(&[("COVERGEN__SERVICES__PROBE__LEASE_SECONDS", "5")])
        .await
        .unwrap_err();
    assert!(
        error.contains("probe") && error.contains("lease_seconds"),
        "{error}"
    );
}

#[tokio::test]
async fn an_engine_that_cannot_be_opened_is_named() {
    for (key, section) in [
        ("COVERGEN__EVENTS__URL", "events"),
        ("COVERGEN__CACHE__URL", "cache"),
        ("COVERGEN__OBJECTS__URL", "objects"),
        ("COVERGEN__DATABASE__URL", "database of probe"),
    ] {
        let error = start(&[(key, "gopher://nowhere")]).await.unwrap_err();
        assert!(error.starts_with(section), "{error}");
    }
    let folder = [
        ("COVERGEN__IDENTITY__CREATE_MISSING_KEYS", "false"),
        ("COVERGEN__IDENTITY__ACCESS_KEYS_DIR", "/nowhere/at/all"),
    ];
    let error = start(&folder).await.unwrap_err();
    assert!(error.starts_with("identity"), "{error}");
}

#[test]
fn a_file_that_is_not_there_or_not_toml_is_named() {
    let load = |file: PathBuf| {
        Config::load(toml::Table::new(), &[file], [])
            .unwrap_err()
            .to_string()
    };
    let error = load("/nowhere/covergen.toml".into());
    assert!(error.contains("/nowhere/covergen.toml"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("covergen.toml");
    std::fs::write(&file, "[database\nurl = 1").unwrap();
    let error = load(file.clone());
    assert!(error.contains("covergen.toml"), "{error}");
    std::fs::write(&file, "[database]\nulr = \"x\"").unwrap();
    let error = load(file);
    assert!(error.contains("ulr"), "{error}");
}

#[test]
fn later_files_and_then_the_environment_win() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let files = [
        write(
            "a.toml",
            "[listen]\ngrpc = \"a\"\nadmin = \"a\"\n[fonts]\ndir = \"a\"",
        ),
        write("b.toml", "[listen]\ngrpc = \"b\"\nadmin = \"b\""),
    ];
    let environment = [("COVERGEN__LISTEN__GRPC".to_owned(), "c".to_owned())];
    let config = Config::load(toml::Table::new(), &files, environment).unwrap();
    assert_eq!(
        (config.listen.grpc.as_str(), config.listen.admin.as_str()),
        ("c", "b")
    );
    assert_eq!(config.fonts.dir, PathBuf::from("a"));
}

#[test]
fn a_variable_that_names_no_key_is_refused() {
    for name in ["COVERGEN__", "COVERGEN__LISTEN____GRPC"] {
        let environment = [(name.to_owned(), "x".to_owned())];
        let error = Config::load(toml::Table::new(), &[], environment).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
