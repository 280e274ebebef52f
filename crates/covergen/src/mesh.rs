//! How the mesh stands in a running process, on a terminal.
//!
//! Modules: `page` puts the view into tables.

mod page;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use covergen_chassis::{Config, Identity, facts};
use covergen_identity::InternalTokens;
use covergen_ids::Clock;
use covergen_mesh::{ClientHooks, Mesh, MeshConfig, OutgoingCall, Registry, TokenSource};
use covergen_proto::mesh::v1::{GetMeshRequest, MeshView, mesh_service_client};
use tonic::Status;
use tonic::codegen::http::HeaderValue;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Address of the process for operators; by default `listen.admin` of the
    /// configuration.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "of")]
    admin: Option<String>,
    /// Ask this service by gRPC instead, where `mesh.targets` says it is, in
    /// the name of operators: with a token signed by the internal keys, and
    /// the certificate of `mesh.identity` where there is one. On Kubernetes no
    /// certificate is issued for operators: use `--admin` there.
    #[arg(long, value_name = "SERVICE")]
    of: Option<String>,
    /// Ask again every second.
    #[arg(long)]
    watch: bool,
    /// Print JSON, one line for each answer.
    #[arg(long)]
    json: bool,
    /// Configuration file, under the environment.
    #[arg(long, value_name = "FILE", env = "COVERGEN_CONFIG")]
    config: Vec<PathBuf>,
}

/// The name under which operators call, as contracts name their callers.
const OPERATOR: &str = "admin";
const EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let source = Source::of(&args)?;
    if !args.watch {
        show(&source.ask().await?, &args)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut stop = std::pin::pin!(covergen_chassis::stop_signal());
    loop {
        let round = async {
            match source.ask().await {
                Ok(view) => show(&view, &args)?,
                // Whoever watches wants to see it come back.
                Err(error) => eprintln!("{error:#}"),
            }
            tokio::time::sleep(EVERY).await;
            anyhow::Ok(())
        };
        tokio::select! {
            outcome = round => outcome?,
            () = &mut stop => return Ok(ExitCode::SUCCESS),
        }
    }
}

fn show(view: &MeshView, args: &Args) -> anyhow::Result<()> {
    if args.json {
        println!("{}", serde_json::to_string(view)?);
        return Ok(());
    }
    if args.watch && std::io::stdout().is_terminal() {
        // Clears the screen and goes to its first line (ECMA-48).
        print!("\x1b[2J\x1b[H");
    }
    print!("{}", page::page(view));
    Ok(())
}

/// Where views come from.
enum Source {
    /// The port for operators, which asks for no credentials and is reached
    /// from the machine or the cluster alone.
    Admin {
        client: reqwest::Client,
        url: String,
    },
    /// A service's own port, like any other caller.
    Service { mesh: Mesh, name: String },
}

impl Source {
    fn of(args: &Args) -> anyhow::Result<Self> {
        let load = || Config::load(toml::Table::new(), &args.config, std::env::vars());
        if let Some(name) = &args.of {
            return Self::service(&load()?, name);
        }
        let address = match &args.admin {
            Some(address) => address.clone(),
            None => load()?.listen.admin,
        };
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self::Admin {
            client,
            url: url_of(&address),
        })
    }

    fn service(config: &Config, name: &str) -> anyhow::Result<Self> {
        let Some(target) = config.mesh.targets.get(name) else {
            bail!("mesh.targets does not say where {name} is: ask its process by --admin");
        };
        let tokens = Identity::open(&config.identity, &Clock::system())
            .context("the internal keys (identity.internal_keys_dir)")?
            .internal;
        let mut hooks = ClientHooks::new(facts).with_tokens(Arc::new(OperatorTokens(tokens)));
        if let Some(identity) = config.mesh.identity.clone() {
            let identity = covergen_mesh::Identity::load(identity).context("mesh.identity")?;
            hooks = hooks.with_identity(identity);
        }
        let targets = BTreeMap::from([(name.to_owned(), target.clone())]);
        let asked = MeshConfig {
            targets,
            defaults: config.mesh.defaults.clone(),
            ..MeshConfig::default()
        };
        Ok(Self::Service {
            mesh: Mesh::new(asked, Registry::default(), OPERATOR, hooks)?,
            name: name.to_owned(),
        })
    }

    async fn ask(&self) -> anyhow::Result<MeshView> {
        match self {
            Self::Admin { client, url } => {
                let answer = client.get(url).send().await;
                let answer = answer.and_then(reqwest::Response::error_for_status);
                let answer = answer.with_context(|| format!("cannot ask {url}"))?;
                let text = answer.text().await?;
                serde_json::from_str(&text).with_context(|| format!("{url} is not a mesh"))
            }
            Self::Service { mesh, name } => {
                let mut client = mesh_service_client(mesh.channel(name));
                let answer = client.get_mesh(GetMeshRequest {}).await;
                let answer = answer.map_err(|status| anyhow!("{name}: {}", sentence(&status)))?;
                Ok(answer.into_inner())
            }
        }
    }
}

fn sentence(status: &Status) -> String {
    covergen_bff::Problem::from_status(status).sentence()
}

/// `http://HOST:PORT/mesh` of what configuration calls an address.
fn url_of(address: &str) -> String {
    let address = address.trim_end_matches('/');
    // One that listens everywhere is asked on this machine.
    let address = match address.strip_prefix("0.0.0.0:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => address.to_owned(),
    };
    match address.contains("://") {
        true => format!("{address}/mesh"),
        false => format!("http://{address}/mesh"),
    }
}

/// Calls as operators do, for nobody else.
struct OperatorTokens(InternalTokens);

impl TokenSource for OperatorTokens {
    fn token(&self, call: &OutgoingCall<'_>) -> Result<Option<HeaderValue>, Status> {
        let internal = |error: &dyn std::error::Error| Status::internal(error.to_string());
        let token = self.0.issue(call.source, None);
        let token = token.map_err(|error| internal(&error))?;
        let mut value =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|error| internal(&error))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::url_of;

    #[test]
    fn an_address_is_asked_where_it_answers() {
        for (address, url) in [
            ("0.0.0.0:9464", "http://127.0.0.1:9464/mesh"),
            ("127.0.0.1:1", "http://127.0.0.1:1/mesh"),
            ("http://cover:9464/", "http://cover:9464/mesh"),
        ] {
            assert_eq!(url_of(address), url);
        }
    }
}
