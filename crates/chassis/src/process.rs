//! A service as a process of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use covergen_ids::Clock;
use covergen_telemetry::Telemetry;
use tokio::net::TcpListener;

use crate::service::BoxError;
use crate::{Config, Host, Service};

/// Runs one service until SIGTERM or Ctrl-C. Its configuration is the file
/// that `COVERGEN_CONFIG` names, if any, under the environment.
#[must_use]
pub fn main(service: Service) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = runtime
        .map_err(BoxError::from)
        .and_then(|runtime| runtime.block_on(run(service)));
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

async fn run(service: Service) -> Result<(), BoxError> {
    let files: Vec<PathBuf> = std::env::var_os("COVERGEN_CONFIG")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    let config = Config::load(toml::Table::new(), &files, std::env::vars())?;
    let telemetry = Telemetry::init(&config.telemetry.named(service.name()))?;
    let grpc = TcpListener::bind(&config.listen.grpc).await?;
    let admin = TcpListener::bind(&config.listen.admin).await?;
    let mut hosted = Host::open(config, Clock::system())
        .await?
        .start(vec![service])
        .await?;
    hosted.serve_grpc(grpc);
    hosted.serve_admin(admin, telemetry.clone());
    crate::signal::stop().await;
    hosted.shutdown().await;
    telemetry.shutdown().await;
    Ok(())
}
