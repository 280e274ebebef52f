//! A process of its own: loads its configuration, binds, opens, serves, stops.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use covergen_ids::Clock;
use covergen_telemetry::Telemetry;
use tokio::net::TcpListener;

use crate::service::BoxError;
use crate::{Config, Host, Hosted, Service};

/// What one process runs.
pub struct Process {
    /// What it calls itself in what it tells of itself.
    pub name: String,
    /// Services; without any no gRPC is served, since nobody calls it from
    /// inside.
    pub services: Vec<Service>,
    /// What it serves beside them.
    pub fronts: Vec<Front>,
}

/// Something that is served on an address of its own, such as a BFF.
pub struct Front {
    /// What its address is told under.
    pub name: &'static str,
    /// Where it listens.
    pub address: String,
    /// Begins to serve.
    pub serve: Serve,
}

/// Begins to serve on a listener, beside whatever else the process runs.
pub type Serve = Box<dyn FnOnce(&mut Hosted, TcpListener) -> Result<(), BoxError> + Send>;

/// Where a process listens, by what for.
pub type Bound = Vec<(&'static str, SocketAddr)>;

/// Runs one service until SIGTERM or Ctrl-C. Its configuration is the file
/// that `COVERGEN_CONFIG` names, if any, under the environment.
#[must_use]
pub fn main(service: Service) -> ExitCode {
    main_of(|_| Process {
        name: service.name().to_owned(),
        services: vec![service],
        fronts: Vec::new(),
    })
}

/// As [`main`], for what the configuration makes of a process.
#[must_use]
pub fn main_of(process: impl FnOnce(&Config) -> Process) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = runtime.map_err(BoxError::from).and_then(|runtime| {
        let file = std::env::var_os("COVERGEN_CONFIG").map(PathBuf::from);
        let files: Vec<PathBuf> = file.into_iter().collect();
        let config = Config::load(toml::Table::new(), &files, std::env::vars())?;
        runtime.block_on(process(&config).run(config, |_| {}))
    });
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

impl Process {
    /// Runs until SIGTERM or Ctrl-C; `ready` hears where, once everything
    /// serves.
    ///
    /// # Errors
    /// A port is taken, an engine cannot be opened, or something does not
    /// start.
    pub async fn run(self, config: Config, ready: impl FnOnce(&Bound)) -> Result<(), BoxError> {
        let telemetry = Telemetry::init(&config.telemetry.named(&self.name))?;
        let mut bound = Bound::new();
        // Ports first: one that is taken is the commonest trouble, and is told
        // before anything is opened.
        let admin = bind("admin", &config.listen.admin, &mut bound).await?;
        let grpc = if self.services.is_empty() {
            None
        } else {
            Some(bind("grpc", &config.listen.grpc, &mut bound).await?)
        };
        let mut fronts = Vec::new();
        for front in self.fronts {
            let listener = bind(front.name, &front.address, &mut bound).await?;
            fronts.push((front.serve, listener));
        }
        let mut hosted = Host::open(config, Clock::system())
            .await?
            .start(self.services)
            .await?;
        for (serve, listener) in fronts {
            serve(&mut hosted, listener)?;
        }
        if let Some(grpc) = grpc {
            hosted.serve_grpc(grpc);
        }
        hosted.serve_admin(admin, telemetry.clone());
        ready(&bound);
        crate::signal::stop().await;
        hosted.shutdown().await;
        telemetry.shutdown().await;
        Ok(())
    }
}

async fn bind(
    name: &'static str,
    address: &str,
    bound: &mut Bound,
) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    bound.push((name, listener.local_addr()?));
    Ok(listener)
}
