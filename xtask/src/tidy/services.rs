//! One service, one shape.

use super::rust_source::blank_out;
use super::{File, Finding, Tree};

/// The modules of every service: `x.rs`, or `x/mod.rs` once it grows.
const MODULES: [&str; 9] = [
    "main", "lib", "config", "api", "app", "domain", "store", "events", "error",
];

/// The other files of every service.
const FILES: [&str; 3] = ["README.md", "Cargo.toml", "tests/it/main.rs"];

/// A word that stands in some modules of a service alone.
struct Boundary {
    word: &'static str,
    allowed: fn(module: &str) -> bool,
    why: &'static str,
}

const BOUNDARIES: [Boundary; 3] = [
    Boundary {
        word: "tonic::",
        allowed: |module| ["api", "lib", "error", "peers"].contains(&module),
        why: "only api answers and only peers calls by gRPC",
    },
    Boundary {
        word: "sea_orm::",
        allowed: |module| module == "store",
        why: "only store names columns",
    },
    Boundary {
        word: "async ",
        allowed: |module| module != "domain",
        why: "rules do no I/O",
    },
];

/// Every service has the shape, and each concern stands where it belongs.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let names = tree.folders_in("services");
    let of_service = |name: &str| [shape(tree, name), boundaries(tree, name)].concat();
    names.into_iter().flat_map(of_service).collect()
}

fn shape(tree: &Tree, name: &str) -> Vec<Finding> {
    let folder = format!("services/{name}");
    let mut found = Vec::new();
    for file in FILES {
        let path = format!("{folder}/{file}");
        if !tree.has(&path) {
            found.push(Finding::violation(path, "every service has this file"));
        }
    }
    for module in MODULES {
        let flat = format!("{folder}/src/{module}.rs");
        if !tree.has(&flat) && !tree.has(&format!("{folder}/src/{module}/mod.rs")) {
            found.push(Finding::violation(flat, "every service has this module"));
        }
    }
    let proto = format!("proto/covergen/{}/v1/", name.replace('-', "_"));
    let is_contract = |file: &File| file.path.starts_with(&proto) && file.path.ends_with(".proto");
    if !tree.files().any(is_contract) {
        found.push(Finding::violation(
            folder,
            format!("has no contract in {proto}"),
        ));
    }
    found
}

fn boundaries(tree: &Tree, name: &str) -> Vec<Finding> {
    let source = format!("services/{name}/src/");
    let mut found = Vec::new();
    for file in tree.files() {
        let Some(inside) = file.path.strip_prefix(&source) else {
            continue;
        };
        let module = inside.split_once('/').map_or(inside, |(module, _)| module);
        let module = module.trim_end_matches(".rs");
        let code = blank_out(file.as_text());
        let crossed = BOUNDARIES
            .iter()
            .filter(|boundary| !(boundary.allowed)(module));
        for Boundary { word, why, .. } in crossed {
            let lines = code
                .lines()
                .enumerate()
                .filter(|(_, line)| line.contains(word));
            found.extend(lines.map(|(index, _)| {
                let told = format!("`{}` in {module}: {why}", word.trim_end());
                Finding::violation(&file.path, told).at(index + 1)
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Vec<File> {
        let modules = MODULES.map(|module| format!("src/{module}.rs"));
        let files = FILES.map(str::to_owned).into_iter().chain(modules);
        let mut files: Vec<File> = files
            .map(|file| File::text(format!("services/loyalty/{file}"), ""))
            .collect();
        files.push(File::text("proto/covergen/loyalty/v1/loyalty.proto", ""));
        files
    }

    #[test]
    fn a_service_of_the_shape_is_fine_and_one_that_lacks_a_file_is_found() {
        assert!(check(&Tree::new(service())).is_empty());
        for lacking in 0..service().len() {
            let mut files = service();
            files.remove(lacking);
            assert_eq!(check(&Tree::new(files)).len(), 1, "without file {lacking}");
        }
    }

    #[test]
    fn a_module_may_grow_into_a_folder() {
        let mut files = service();
        files.retain(|file| !file.path.ends_with("/app.rs"));
        files.push(File::text("services/loyalty/src/app/mod.rs", ""));
        files.push(File::text(
            "services/loyalty/src/app/earn.rs",
            "async fn earn() {}",
        ));
        assert!(check(&Tree::new(files)).is_empty());
    }

    #[test]
    fn what_crosses_a_boundary_is_found_and_what_a_comment_tells_is_not() {
        let planted = [
            ("domain/points.rs", "use tonic::Status;", 1),
            ("app/earn.rs", "use sea_orm::Set;", 1),
            ("domain.rs", "async fn wait() {}", 1),
            ("store/rows.rs", "use sea_orm::Set; async fn read() {}", 0),
            (
                "domain/points.rs",
                "/// Not async and not tonic::Status.",
                0,
            ),
        ];
        for (path, text, expected) in planted {
            let mut files = service();
            files.retain(|file| !file.path.ends_with(path));
            files.push(File::text(format!("services/loyalty/src/{path}"), text));
            let found: Vec<_> = check(&Tree::new(files))
                .into_iter()
                .filter(|one| one.line.is_some())
                .collect();
            assert_eq!(found.len(), expected, "{path}: {text}");
        }
    }
}
