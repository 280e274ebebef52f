use std::process::ExitCode;

use covergen_chassis::{Front, ListenConfig, Process};

use crate::Edge;

/// Runs one BFF as a process of its own until SIGTERM or Ctrl-C. Its
/// configuration is the file that `COVERGEN_CONFIG` names, if any, under the
/// environment; `address` picks its own out of the section `listen`.
#[must_use]
pub fn main(edge: Edge, address: fn(&ListenConfig) -> &str) -> ExitCode {
    covergen_chassis::main_of(|config| Process {
        name: edge.name.to_owned(),
        services: Vec::new(),
        fronts: vec![edge.front(address(&config.listen))],
    })
}

impl Edge {
    /// What a process serves it as, on this address.
    #[must_use]
    pub fn front(self, address: &str) -> Front {
        Front {
            name: self.name.trim_start_matches("bff-"),
            address: address.to_owned(),
            serve: Box::new(move |hosted, listener| Ok(self.serve(hosted, listener)?)),
        }
    }
}
