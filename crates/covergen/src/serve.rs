//! Some services, or some BFFs, as one process of a mesh.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use covergen_chassis::{Config, Host, ListenConfig, Service};
use covergen_edge::Edge;
use covergen_ids::Clock;
use covergen_telemetry::Telemetry;
use serde_json::{Map, Value};
use tokio::net::TcpListener;

use crate::{fonts, roster};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What runs here: services by their names, and bff-web, bff-mobile,
    /// bff-partner.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Configuration file, under the environment; nothing is built in, since
    /// where a mesh keeps its data cannot be guessed.
    #[arg(long, value_name = "FILE", env = "COVERGEN_CONFIG")]
    config: Vec<PathBuf>,
    /// Print one line of JSON on stdout once ready.
    #[arg(long)]
    json: bool,
}

/// A BFF, and where its address stands.
type Bff = (Edge, fn(&ListenConfig) -> &str);

fn bffs() -> [Bff; 3] {
    [
        (covergen_bff_web::EDGE, |listen| &listen.web),
        (covergen_bff_mobile::EDGE, |listen| &listen.mobile),
        (covergen_bff_partner::EDGE, |listen| &listen.partner),
    ]
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (services, edges) = chosen(&args.names)?;
    let mut config = Config::load(toml::Table::new(), &args.config, std::env::vars())?;
    fonts::locate(&mut config);
    let telemetry = Telemetry::init(&config.telemetry.named(&args.names.join("+")))?;
    let listen = config.listen.clone();
    let mut ready = Map::from_iter([("ready".to_owned(), Value::from(true))]);
    let mut bind = async |name: &str, address: &str| {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let bound = format!("http://{}", listener.local_addr()?);
        ready.insert(name.to_owned(), bound.into());
        anyhow::Ok(listener)
    };
    let admin = bind("admin", &listen.admin).await?;
    // A process of BFFs alone answers no gRPC: nobody calls it from inside.
    let grpc = if services.is_empty() {
        None
    } else {
        Some(bind("grpc", &listen.grpc).await?)
    };
    let mut listeners = Vec::new();
    for (edge, address) in edges {
        let name = edge.name.trim_start_matches("bff-");
        listeners.push((edge, bind(name, address(&listen)).await?));
    }
    let mut hosted = Host::open(config, Clock::system())
        .await?
        .start(services)
        .await?;
    for (edge, listener) in listeners {
        edge.serve(&mut hosted, listener)?;
    }
    if let Some(grpc) = grpc {
        hosted.serve_grpc(grpc);
    }
    hosted.serve_admin(admin, telemetry.clone());
    if args.json {
        println!("{}", Value::Object(ready));
    } else {
        println!("{} up.", args.names.join(", "));
    }
    covergen_chassis::stop_signal().await;
    hosted.shutdown().await;
    telemetry.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// The services and BFFs of these names, each once.
fn chosen(names: &[String]) -> anyhow::Result<(Vec<Service>, Vec<Bff>)> {
    let mut wanted = BTreeSet::new();
    for name in names {
        if !wanted.insert(name.as_str()) {
            bail!("{name} is named twice");
        }
    }
    let (all, edges) = (roster::services(), bffs());
    let known: Vec<&str> = all
        .iter()
        .map(Service::name)
        .chain(edges.iter().map(|(edge, _)| edge.name))
        .collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        bail!("there is no {unknown}: name some of {}", known.join(", "));
    }
    let services = all
        .into_iter()
        .filter(|service| wanted.contains(service.name()));
    let edges = edges
        .into_iter()
        .filter(|(edge, _)| wanted.contains(edge.name));
    Ok((services.collect(), edges.collect()))
}

#[cfg(test)]
mod tests {
    use super::chosen;

    fn refusal(names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        chosen(&names).err().unwrap().to_string()
    }

    #[test]
    fn names_are_services_or_bffs_each_once() {
        let names = ["user".to_owned(), "bff-web".to_owned()];
        let (services, edges) = chosen(&names).unwrap();
        assert_eq!(
            services.iter().map(|s| s.name()).collect::<Vec<_>>(),
            ["user"]
        );
        assert_eq!(edges[0].0.name, "bff-web");
        assert!(refusal(&["user", "user"]).contains("twice"));
        let told = refusal(&["usr"]);
        assert!(
            told.contains("usr") && told.contains("notification, bff-web"),
            "{told}"
        );
    }
}
