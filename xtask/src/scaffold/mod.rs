//! Scaffolds a service: its folder, its contract and its lines elsewhere.
//!
//! The templates under `xtask/templates/service` are a whole service that
//! compiles, runs and is tested, so that a new one starts from green and each
//! of its files shows what belongs there. `{{name}}` and `{{Name}}` in them,
//! and `__name__` in their paths, become the service's name.
//!
//! Modules in reading order: `name` says which names will do; `lines` adds a
//! line to the files that list services.

mod lines;
mod name;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::process::Program;
use crate::repo;
use lines::{Order, insert};
use name::Name;

const TEMPLATES: &str = "xtask/templates/service";

/// Scaffolds, formats, and says what to do next.
pub(crate) fn run(root: &Path, name: &str) -> Result<()> {
    for path in create(root, name)? {
        println!("wrote {}", path.display());
    }
    let fmt = Program::new(repo::cargo()).within(root);
    fmt.args(["fmt", "--package", &format!("covergen-{name}")])
        .run()?;
    println!(
        "\nThe service compiles and its tests pass: `cargo test --package covergen-{name}`.\n\
         Next: write its contract, give its permissions to roles, `cargo xtask gen`."
    );
    Ok(())
}

/// Writes the files of a new service and adds it to the lists; hands back what
/// was written, from the root. Nothing is written when the name will not do.
///
/// # Errors
/// The name is taken or no name for a service, or a file cannot be written.
pub fn create(root: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let name = Name::parse(name)?;
    let packages = fs::read_to_string(root.join("Cargo.toml")).context("Cargo.toml")?;
    let package = format!("covergen-{name} =");
    let is_taken = packages.lines().any(|line| line.starts_with(&package));
    ensure!(!is_taken, "there is a crate of the name `{name}` already");
    let files = [files(root, &name)?, listings(root, &name)?].concat();
    for folder in [format!("services/{name}"), format!("proto/covergen/{name}")] {
        ensure!(!root.join(&folder).exists(), "{folder} is there already");
    }
    let mut written = Vec::new();
    for (path, text) in files {
        let target = root.join(&path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, text).with_context(|| format!("{}", target.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// The files that are the service's own.
fn files(root: &Path, name: &Name) -> Result<Vec<(PathBuf, String)>> {
    let templates = root.join(TEMPLATES);
    let places = [
        ("crate", format!("services/{name}")),
        ("proto", format!("proto/covergen/{name}/v1")),
    ];
    let mut files = Vec::new();
    for (part, place) in places {
        let folder = templates.join(part);
        for template in crate::generate::files_under(&folder)? {
            let text = fs::read_to_string(folder.join(&template))?;
            let path = name.fill(&template.to_string_lossy());
            let path = path.trim_end_matches(".in");
            files.push((Path::new(&place).join(path), name.fill(&text)));
        }
    }
    ensure!(!files.is_empty(), "{} is empty", templates.display());
    Ok(files)
}

/// The files that list every service, with one line more.
fn listings(root: &Path, name: &Name) -> Result<Vec<(PathBuf, String)>> {
    let version = Listing {
        path: "Cargo.toml",
        line: format!("covergen-{name} = {{ path = \"services/{name}\" }}"),
        is_sibling: |line| line.starts_with("covergen-") && line.contains("path = \"services/"),
        order: Order::Sorted,
    };
    let dependency = Listing {
        path: "crates/covergen/Cargo.toml",
        line: format!("covergen-{name}.workspace = true"),
        is_sibling: |line| line.starts_with("covergen-") && line.ends_with(".workspace = true"),
        order: Order::Sorted,
    };
    let roster = Listing {
        path: "crates/covergen/src/roster.rs",
        line: format!("        covergen_{name}::service(),"),
        is_sibling: |line| line.trim_end().ends_with("::service(),"),
        order: Order::Last,
    };
    let cluster = Listing {
        path: "xtask/src/k8s/roster.rs",
        line: format!("    Unit::service(\"{name}\", SMALL),"),
        is_sibling: |line| line.trim_start().starts_with("Unit::service(\""),
        order: Order::Last,
    };
    [version, dependency, roster, cluster]
        .iter()
        .map(|listing| listing.extended(root))
        .collect()
}

/// A file that lists every service, and the line of a new one.
struct Listing {
    path: &'static str,
    line: String,
    is_sibling: fn(&str) -> bool,
    order: Order,
}

impl Listing {
    fn extended(&self, root: &Path) -> Result<(PathBuf, String)> {
        let text = fs::read_to_string(root.join(self.path));
        let text = text.with_context(|| self.path.to_owned())?;
        let text = insert(&text, &self.line, self.is_sibling, self.order);
        Ok((
            self.path.into(),
            text.with_context(|| self.path.to_owned())?,
        ))
    }
}
