//! The roster: one line per service and BFF. Everything generated for the
//! cluster follows from these lines and from the contracts.

/// What a process runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Answers gRPC inside the mesh.
    Service,
    /// Answers one audience of the contracts at the edge, on its own port.
    Bff {
        /// The audience's name in the contracts.
        audience: &'static str,
        /// The key of its address in the section `listen`.
        listen: &'static str,
        /// Where it listens.
        port: u16,
        /// First label of its host name; none for the site itself.
        host: Option<&'static str>,
    },
}

/// What a pod asks for and how much it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) cpu: (&'static str, &'static str),
    pub(crate) memory: (&'static str, &'static str),
}

/// Draws covers: a render holds several layers of pixels at once.
const LARGE: Size = Size {
    cpu: ("500m", "2"),
    memory: ("1Gi", "4Gi"),
};
/// Decodes pictures or hashes passwords.
const MEDIUM: Size = Size {
    cpu: ("250m", "2"),
    memory: ("256Mi", "1Gi"),
};
/// Reads and writes rows.
const SMALL: Size = Size {
    cpu: ("100m", "1"),
    memory: ("128Mi", "512Mi"),
};

/// One line of the roster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) size: Size,
    /// Fewest and most replicas.
    pub(crate) replicas: (u8, u8),
    /// Kind of the tasks that call for more replicas.
    pub(crate) queue: Option<&'static str>,
    /// Ports outside of the cluster that it calls, beside HTTPS, which every
    /// process needs for the object store.
    pub(crate) outward: &'static [u16],
    /// Share of calls that must succeed, in thousandths of a per cent below
    /// one hundred: 100 is 99.9 %.
    pub(crate) budget_millipercent: u32,
    /// Also part of the isolated region.
    pub(crate) isolated: bool,
}

impl Unit {
    const fn service(name: &'static str, size: Size) -> Self {
        Self {
            name,
            role: Role::Service,
            size,
            replicas: (2, 10),
            queue: None,
            outward: &[],
            budget_millipercent: 500,
            isolated: false,
        }
    }

    const fn bff(
        name: &'static str,
        audience: &'static str,
        listen: &'static str,
        port: u16,
        host: Option<&'static str>,
    ) -> Self {
        let role = Role::Bff {
            audience,
            listen,
            port,
            host,
        };
        let unit = Self::service(name, SMALL).slo(100);
        Self { role, ..unit }
    }

    const fn replicas(self, fewest: u8, most: u8) -> Self {
        let replicas = (fewest, most);
        Self { replicas, ..self }
    }

    const fn queue(self, kind: &'static str) -> Self {
        let queue = Some(kind);
        Self { queue, ..self }
    }

    const fn outward(self, outward: &'static [u16]) -> Self {
        Self { outward, ..self }
    }

    const fn slo(self, budget_millipercent: u32) -> Self {
        Self {
            budget_millipercent,
            ..self
        }
    }

    const fn isolated(self) -> Self {
        let isolated = true;
        Self { isolated, ..self }
    }

    pub(crate) fn is_service(&self) -> bool {
        self.role == Role::Service
    }

    /// The namespace it runs in.
    pub(crate) fn namespace(&self) -> &'static str {
        match self.role {
            Role::Service => "covergen-services",
            Role::Bff { .. } => "covergen-edge",
        }
    }

    /// The availability it promises, as a ratio.
    pub(crate) fn error_budget(&self) -> f64 {
        f64::from(self.budget_millipercent) / 100_000.0
    }
}

/// Mail by submission.
const MAIL: &[u16] = &[465, 587];

/// Every process of the platform.
#[rustfmt::skip] // A table: one line each, whatever its length.
pub(crate) const ROSTER: &[Unit] = &[
    Unit::service("auth", MEDIUM).outward(MAIL).slo(100).isolated(),
    Unit::service("user", SMALL).slo(100).isolated(),
    Unit::service("template", MEDIUM).isolated(),
    Unit::service("safety", MEDIUM).slo(100).isolated(),
    Unit::service("task", SMALL).slo(100).isolated(),
    Unit::service("media", MEDIUM).isolated(),
    Unit::service("cover", LARGE).replicas(3, 20).queue("cover.generate").isolated(),
    Unit::service("export", LARGE),
    Unit::service("notification", SMALL),
    Unit::bff("bff-web", "WEB", "web", 8080, None).isolated(),
    Unit::bff("bff-mobile", "MOBILE", "mobile", 8081, Some("m")).isolated(),
    Unit::bff("bff-partner", "PARTNER", "partner", 8082, Some("api")),
];

/// Packages of contracts that no process is named after: every process
/// answers for itself, and screens are put together by the mobile BFF.
pub(crate) const NO_SERVICES: [&str; 2] = ["mesh", "mobile"];

/// The members of the roster that belong to every cluster, or to the isolated
/// region alone.
pub(crate) fn units(isolated: bool) -> impl Iterator<Item = &'static Unit> {
    let belongs = move |unit: &&Unit| !isolated || unit.isolated;
    ROSTER.iter().filter(belongs)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_service_and_bff_of_the_tree_has_one_line() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
        let folders = |place: &str, prefix: &str| -> BTreeSet<String> {
            let entries = std::fs::read_dir(format!("{root}{place}")).expect("is a folder");
            let crates = entries.map(|entry| entry.expect("an entry").path());
            let crates = crates.filter(|path| path.join("Cargo.toml").is_file());
            let name = |path: &std::path::Path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                format!("{prefix}{name}")
            };
            crates.map(|path| name(&path)).collect()
        };
        let mut expected = folders("services", "");
        expected.extend(folders("bff", "bff-"));
        let listed: BTreeSet<String> = ROSTER.iter().map(|unit| unit.name.to_owned()).collect();
        assert_eq!(listed, expected);
        assert_eq!(listed.len(), ROSTER.len(), "a name stands twice");
    }
}
