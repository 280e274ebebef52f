use std::path::PathBuf;
use std::process::ExitCode;

use covergen_chassis::{BoxError, Config, Host, ListenConfig};
use covergen_ids::Clock;
use covergen_telemetry::Telemetry;
use tokio::net::TcpListener;

use crate::Edge;

/// Runs one BFF as a process of its own until SIGTERM or Ctrl-C. Its
/// configuration is the file that `COVERGEN_CONFIG` names, if any, under the
/// environment; `address` picks its own out of the section `listen`.
#[must_use]
pub fn main(edge: Edge, address: fn(&ListenConfig) -> &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = runtime
        .map_err(BoxError::from)
        .and_then(|runtime| runtime.block_on(run(edge, address)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There may be no log yet, and whoever started this reads stderr.
            #[allow(clippy::print_stderr)]
            {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(edge: Edge, address: fn(&ListenConfig) -> &str) -> Result<(), BoxError> {
    let files: Vec<PathBuf> = std::env::var_os("COVERGEN_CONFIG")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    let config = Config::load(toml::Table::new(), &files, std::env::vars())?;
    let telemetry = Telemetry::init(&config.telemetry.named(edge.name))?;
    let listener = TcpListener::bind(address(&config.listen)).await?;
    let admin = TcpListener::bind(&config.listen.admin).await?;
    let mut hosted = Host::open(config, Clock::system())
        .await?
        .start(Vec::new())
        .await?;
    edge.serve(&mut hosted, listener)?;
    hosted.serve_admin(admin, telemetry.clone());
    covergen_chassis::stop_signal().await;
    hosted.shutdown().await;
    telemetry.shutdown().await;
    Ok(())
}
