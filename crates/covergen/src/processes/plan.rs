//! Who runs where, and what each is told.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use covergen_chassis::{Config, Service};
use covergen_mesh::IdentityConfig;
use rustix::process::Signal;
use toml::{Table, Value};

use super::child::{Ready, Spec};
use super::engines::Addresses;
use super::ports::Ports;
use crate::{mesh_ca, roster};

/// One process to run.
pub(super) struct Planned {
    /// Unique among all.
    pub(super) name: String,
    /// What it serves, as `covergen serve` knows it.
    pub(super) role: &'static str,
    /// Health and metrics.
    pub(super) admin: SocketAddr,
    /// gRPC of a service, HTTP of a BFF.
    pub(super) serves: SocketAddr,
    /// Where each service is: the same for all.
    targets: Arc<BTreeMap<String, String>>,
}

/// What the processes of one start are told alike.
#[derive(Default)]
pub(super) struct Told {
    pub(super) addresses: Addresses,
    /// Files of configuration, each over the one before.
    pub(super) files: Vec<PathBuf>,
    /// What each proves itself with, by its role.
    pub(super) identities: BTreeMap<String, IdentityConfig>,
}

pub(super) struct Plan {
    pub(super) services: Vec<Planned>,
    pub(super) bffs: Vec<Planned>,
}

/// Where each BFF's first process listens, by its name.
pub(super) type Doors = [(&'static str, SocketAddr); 3];

/// Holds the BFFs' addresses. They come first: one that is taken is the
/// commonest trouble.
pub(super) fn doors(config: &Config, ports: &mut Ports) -> anyhow::Result<Doors> {
    let listen = &config.listen;
    Ok([
        ("bff-web", ports.at(&listen.web)?),
        ("bff-mobile", ports.at(&listen.mobile)?),
        ("bff-partner", ports.at(&listen.partner)?),
    ])
}

impl Plan {
    /// Each service and each BFF `replicas` times. The first of each BFF is at
    /// its door, further ones at ports of their own.
    pub(super) fn new(replicas: u8, doors: &Doors, ports: &mut Ports) -> anyhow::Result<Self> {
        let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let mut places = Vec::new();
        for service in roster::services().iter().map(Service::name) {
            for nth in 1..=replicas {
                let (serves, admin) = (local(ports.free()?), local(ports.free()?));
                places.push((service, nth, serves, admin));
            }
        }
        let mut targets = BTreeMap::<String, String>::new();
        for (service, _, serves, _) in &places {
            let key = format!(
                "COVERGEN__MESH__TARGETS__{}__ADDRESS",
                service.to_uppercase()
            );
            let list = targets.entry(key).or_default();
            let comma = if list.is_empty() { "" } else { "," };
            list.push_str(&format!("{comma}http://{serves}"));
        }
        let targets = Arc::new(targets);
        let planned = |(role, nth, serves, admin): (&'static str, u8, _, _)| Planned {
            name: if replicas == 1 {
                role.to_owned()
            } else {
                format!("{role}-{nth}")
            },
            role,
            admin,
            serves,
            targets: Arc::clone(&targets),
        };
        let services = places.into_iter().map(planned).collect();
        let mut bffs = Vec::new();
        for (bff, door) in doors {
            for nth in 1..=replicas {
                let serves = if nth == 1 {
                    *door
                } else {
                    local(ports.free()?)
                };
                bffs.push(planned((*bff, nth, serves, local(ports.free()?))));
            }
        }
        Ok(Self { services, bffs })
    }
}

impl Planned {
    pub(super) fn is_bff(&self) -> bool {
        self.role.starts_with("bff-")
    }

    /// How it is started: `covergen serve`, told by the environment what only
    /// this start knows and by files what is the same for all.
    pub(super) fn spec(&self, told: &Told) -> anyhow::Result<Spec> {
        let program = std::env::current_exe().context("this program has no path")?;
        let mut command: Vec<OsString> = vec![program.into(), "serve".into(), self.role.into()];
        command.extend(["--json".into(), "--with-parent".into()]);
        command.push(std::process::id().to_string().into());
        for file in &told.files {
            command.extend(["--config".into(), file.as_os_str().to_owned()]);
        }
        let own = match self.role {
            "bff-web" => "WEB",
            "bff-mobile" => "MOBILE",
            "bff-partner" => "PARTNER",
            _ => "GRPC",
        };
        let addresses = &told.addresses;
        let mut variables = vec![
            (
                "COVERGEN__DATABASE__URL".to_owned(),
                addresses.postgres.clone(),
            ),
            ("COVERGEN__EVENTS__URL".to_owned(), addresses.nats.clone()),
            ("COVERGEN__CACHE__URL".to_owned(), addresses.redis.clone()),
            ("COVERGEN__LISTEN__ADMIN".to_owned(), self.admin.to_string()),
            (format!("COVERGEN__LISTEN__{own}"), self.serves.to_string()),
        ];
        let targets = self.targets.iter();
        variables.extend(targets.map(|(key, value)| (key.clone(), value.clone())));
        if let Some(identity) = told.identities.get(self.role) {
            variables.extend(mesh_ca::variables(identity));
        }
        Ok(Spec {
            name: self.name.clone(),
            command,
            variables,
            folder: None,
            signal: Signal::TERM,
            ready: Ready::Told,
        })
    }
}

/// A certificate for each role from an authority in the data folder, so that
/// processes prove to each other who they are. Who configured an identity, or
/// built this program without the authority, gets none.
pub(super) fn certify(
    config: &Config,
    folder: &Path,
) -> anyhow::Result<BTreeMap<String, IdentityConfig>> {
    if config.mesh.identity.is_some() || !cfg!(feature = "dev-ca") {
        return Ok(BTreeMap::new());
    }
    let names = mesh_ca::everybody();
    mesh_ca::issue(folder, mesh_ca::TRUST_DOMAIN, mesh_ca::NAMESPACE, &names)
}

/// What holds for all unless a file or the environment says otherwise. Engines
/// are named nowhere in it.
pub(super) fn base(data: &Path) -> Table {
    let mut base = Config::embedded(data);
    let sections = [
        // Many processes share one PostgreSQL.
        (
            "database",
            vec![
                ("url", Value::from("")),
                ("max_read_connections", Value::from(2)),
                ("max_write_connections", Value::from(2)),
            ],
        ),
        ("events", vec![("url", Value::from(""))]),
        ("cache", vec![("url", Value::from(""))]),
        ("telemetry", vec![("log_format", Value::from("text"))]),
    ];
    for (section, entries) in sections {
        let entries = entries.into_iter();
        let table: Table = entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        base.insert(section.to_owned(), table.into());
    }
    base
}

/// Leaves the base, with the page's own address for links in mails, where the
/// processes read it.
pub(super) fn write_base(mut base: Table, data: &Path, doors: &Doors) -> anyhow::Result<PathBuf> {
    let web = format!("http://{}", doors[0].1);
    let auth = Table::from_iter([("public_url".to_owned(), Value::from(web))]);
    let services = Table::from_iter([("auth".to_owned(), Value::from(auth))]);
    base.insert("services".to_owned(), services.into());
    let path = data.join("processes.toml");
    std::fs::write(&path, toml::to_string(&base)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(replicas: u8) -> (Plan, Doors) {
        let mut ports = Ports::default();
        let config = Config::default();
        let mut listen = config.listen;
        for place in [&mut listen.web, &mut listen.mobile, &mut listen.partner] {
            "127.0.0.1:0".clone_into(place);
        }
        let config = Config {
            listen,
            ..Config::default()
        };
        let doors = doors(&config, &mut ports).unwrap();
        (Plan::new(replicas, &doors, &mut ports).unwrap(), doors)
    }

    #[test]
    fn every_replica_has_a_name_and_ports_of_its_own() {
        let (plan, doors) = planned(2);
        let all: Vec<_> = plan.services.iter().chain(&plan.bffs).collect();
        assert_eq!(all.len(), 2 * (roster::services().len() + 3));
        let names: std::collections::BTreeSet<_> = all.iter().map(|one| &one.name).collect();
        let ports = all.iter().flat_map(|one| [one.admin, one.serves]);
        let ports: std::collections::BTreeSet<_> = ports.collect();
        assert_eq!((names.len(), ports.len()), (all.len(), 2 * all.len()));
        let door = plan.bffs.iter().find(|one| one.name == "bff-mobile-1");
        assert_eq!(door.unwrap().serves, doors[1].1);
    }

    #[test]
    fn everyone_is_told_of_all_replicas_of_a_service() {
        let (plan, _) = planned(2);
        let spec = plan.bffs[0].spec(&Told::default()).unwrap();
        let told: BTreeMap<_, _> = spec.variables.into_iter().collect();
        let cover = plan.services.iter().filter(|one| one.role == "cover");
        let list: Vec<_> = cover.map(|one| format!("http://{}", one.serves)).collect();
        assert_eq!(
            told["COVERGEN__MESH__TARGETS__COVER__ADDRESS"],
            list.join(",")
        );
    }

    #[test]
    fn the_base_names_no_engine() {
        let config = Config::load(base(Path::new("/data")), &[], []).unwrap();
        let named = [config.database.url, config.events.url, config.cache.url];
        assert_eq!(named, ["", "", ""]);
        assert_eq!(config.objects.url, "file:///data/objects");
    }
}
