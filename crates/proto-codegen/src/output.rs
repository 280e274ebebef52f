//! Writes the generated files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::code::line;
use crate::contracts::Contracts;
use crate::error::Problems;
use crate::{Error, methods, names, package};

/// Lints that generated code does not keep.
const ALLOW: &str = "#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, \
    clippy::large_futures, clippy::needless_pass_by_value, missing_docs, unused_imports, \
    unused_variables, unreachable_patterns, unreachable_pub, dead_code, \
    rustdoc::all)]\n";

/// What to generate, and where to.
#[derive(Debug, Clone)]
pub struct Generator {
    /// Folder whose `.proto` files are compiled.
    pub contracts: PathBuf,
    /// Folders that imports are looked up in; `contracts` stands under one.
    pub includes: Vec<PathBuf>,
    /// Packages to write code for start with one of these.
    pub packages: Vec<String>,
    /// Existing folder that files are written to.
    pub out_dir: PathBuf,
    /// `out_dir` relative to the build script's own output folder, which is
    /// how `include!` finds the files; empty where they are the same.
    pub out_prefix: String,
}

impl Generator {
    /// Generates everything: `contracts.rs` (the module tree, which includes
    /// a file per package), `methods.rs`, `descriptors.binpb` and
    /// `descriptors_with_source.binpb`.
    ///
    /// # Errors
    /// When a contract is wrong, with the position of everything wrong in it,
    /// or when a file cannot be read or written.
    pub fn run(&self) -> Result<Contracts, Error> {
        let contracts = Contracts::compile(&self.contracts, &self.includes)?;
        let mut problems = Problems::default();
        let mut sources = BTreeMap::new();
        let mut table = String::new();
        for prefix in &self.packages {
            sources.extend(package::write(&contracts, prefix, &mut problems)?);
            if prefix.starts_with("covergen") {
                table = methods::write(&contracts, prefix, &mut problems);
            }
        }
        problems.into_result()?;
        for (package, source) in &sources {
            self.write(&format!("{package}.rs"), source.as_bytes())?;
        }
        self.write("contracts.rs", self.tree(&sources).as_bytes())?;
        self.write("methods.rs", table.as_bytes())?;
        self.write("descriptors.binpb", &contracts.descriptors)?;
        self.write(
            "descriptors_with_source.binpb",
            &contracts.descriptors_with_source,
        )?;
        Ok(contracts)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let path = self.out_dir.join(name);
        std::fs::write(&path, content).map_err(|source| Error::Io {
            path: path.display().to_string(),
            source,
        })
    }

    /// Nested modules, one per part of a package's name.
    fn tree(&self, sources: &BTreeMap<String, String>) -> String {
        let mut root = Node::default();
        for package in sources.keys() {
            let mut node = &mut root;
            for module in names::modules(package) {
                node = node.children.entry(module).or_default();
            }
            node.package = Some(package.clone());
        }
        let mut out = String::new();
        for (name, node) in &root.children {
            node.write(name, &mut out, &self.out_prefix, ALLOW);
        }
        out
    }
}

#[derive(Default)]
struct Node {
    package: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn write(&self, name: &str, out: &mut String, prefix: &str, attributes: &str) {
        line(out, format!("{attributes}pub mod {name} {{"));
        if let Some(package) = &self.package {
            let file = Path::new("/").join(prefix).join(format!("{package}.rs"));
            line(
                out,
                format!(
                    "include!(concat!(env!(\"OUT_DIR\"), {:?}));",
                    file.display().to_string()
                ),
            );
        }
        for (child, node) in &self.children {
            node.write(child, out, prefix, "");
        }
        line(out, "}");
    }
}
