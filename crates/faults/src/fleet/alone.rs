use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::process::Process;
use super::settings;
use crate::site::Site;

/// `covergen up`: the whole platform in one process, with nothing but a folder.
pub struct Alone {
    process: Process,
    web: String,
}

impl Alone {
    /// Starts it, with its data in one folder and its log in another.
    ///
    /// # Errors
    /// It is not ready in time; the error ends with what it said.
    pub async fn start(binary: &Path, data: &Path, logs: &Path) -> Result<Self> {
        std::fs::create_dir_all(logs)?;
        // Where it keeps things it knows by itself.
        let told = |key: &str| !key.ends_with("URL") && !key.contains("_DIR");
        let variables: BTreeMap<String, String> = settings(data)
            .into_iter()
            .filter(|(key, _)| told(key) || *key == "FONTS__DIR")
            .map(|(key, value)| (format!("COVERGEN__{key}"), value))
            .collect();
        let folder = data.display().to_string();
        let mut arguments = vec!["up", "--json", "--data", &folder];
        for listener in ["--web", "--mobile", "--partner", "--grpc", "--admin"] {
            arguments.extend([listener, "127.0.0.1:0"]);
        }
        let log = logs.join("up.log");
        let process = Process::start(binary, &arguments, &variables, &log).await?;
        let web = process.ready["web"].as_str();
        let web = web.context("it says no address")?.to_owned();
        Ok(Self { process, web })
    }

    /// Its web BFF.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn site(&self) -> Result<Site> {
        Site::open(vec![self.web.clone()])
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// It does not stop in time, or says that something went wrong.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}
