//! Some services, or some BFFs, as one process of a mesh.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use covergen_chassis::{Bound, Config, ListenConfig, Process, Service};
use covergen_edge::Edge;
use serde_json::Value;

use crate::{fonts, processes, roster};

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
    /// Stop when this process, which started this one, dies.
    #[arg(long, value_name = "PID", hide = true)]
    with_parent: Option<u32>,
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
    if let Some(parent) = args.with_parent {
        processes::to_parent(parent)?;
    }
    let (services, edges) = chosen(&args.names)?;
    let mut config = Config::load(toml::Table::new(), &args.config, std::env::vars())?;
    fonts::locate(&mut config);
    let process = Process {
        name: args.names.join("+"),
        services,
        fronts: edges
            .into_iter()
            .map(|(edge, address)| edge.front(address(&config.listen)))
            .collect(),
    };
    let names = args.names.join(", ");
    let told = process.run(config, |bound| {
        if args.json {
            println!("{}", ready(bound));
        } else {
            println!("{names} up.");
        }
    });
    told.await.map_err(anyhow::Error::from_boxed)?;
    Ok(ExitCode::SUCCESS)
}

/// One line that says where everything is.
fn ready(bound: &Bound) -> Value {
    let addresses = bound.iter().map(|(name, address)| {
        let url = format!("http://{address}");
        ((*name).to_owned(), Value::from(url))
    });
    let ready = ("ready".to_owned(), Value::from(true));
    Value::Object(addresses.chain([ready]).collect())
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
