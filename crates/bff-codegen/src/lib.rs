//! Reads the annotations; writes handlers and OpenAPI.
//!
//! Input is one FileDescriptorSet with source positions and an [`Audience`];
//! output is Rust source with a typed handler per HTTP binding, JSON readers
//! and writers per message, the table of routes, and an OpenAPI 3.1 document.
//! A BFF's build script calls it; nothing here runs in a server.
//!
//! # Invariants
//! - Whatever can be known to be wrong is a build error with file and line,
//!   and all of them are told at once.
//! - Equal input gives equal output, byte for byte.
//! - Reflection stays here: generated code is typed and needs no descriptors.
//!
//! # Modules, in reading order
//! `model` (what the annotations say), `template` (paths), `check` (what is
//! wrong with them), `compose` (answers made of several calls), `condition`, `kind` and `names` (how proto types look in Rust and
//! JSON), `emit` (Rust), `openapi` (the document), `versions` (what stands side by side), `error`.

mod assets;
mod check;
mod compile;
mod compose;
mod condition;
mod date;
mod emit;
mod error;
mod kind;
mod model;
mod names;
mod openapi;
mod source;
mod template;
mod versions;

use std::path::Path;

use prost_reflect::DescriptorPool;

pub use assets::embed;
pub use compile::compile;
pub use error::{BuildError, BuildErrors};

/// One of the generated BFFs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The browser app.
    Web,
    /// Phones.
    Mobile,
    /// Partners' programs.
    Partner,
}

impl Audience {
    /// Its number in `covergen.bff.v1.Audience.Kind`.
    fn number(self) -> i32 {
        match self {
            Self::Web => 1,
            Self::Mobile => 2,
            Self::Partner => 3,
        }
    }

    /// Its name in lower case.
    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mobile => "mobile",
            Self::Partner => "partner",
        }
    }
}

/// What to generate.
#[derive(Debug, Clone)]
pub struct Generator {
    /// For whom.
    pub audience: Audience,
    /// Prefix of REST paths, such as `/api/v1`. RPCs of a package `….v2` have
    /// `/api/v2`, and so on.
    pub prefix: String,
    /// Beginnings of paths that stand at the root, without the prefix.
    pub root_paths: Vec<String>,
    /// Rust path of the crate or module with the message types.
    pub rust_root: String,
    /// First package segment that has no module of its own.
    pub strip_package: String,
    /// The message types know the rules of their fields. Services hold requests
    /// against them; a composed RPC has none, so its handler does.
    pub validates: bool,
    /// Title of the API document.
    pub title: String,
    /// Version of the API document.
    pub version: String,
}

/// What was generated.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Rust source, to be included in a module of its own.
    pub rust: String,
    /// OpenAPI 3.1 document of the default version, which is the first.
    pub openapi: String,
    /// The documents of the versions after it, by number.
    pub later: Vec<(u32, String)>,
}

impl Generator {
    /// The platform's own layout for an audience.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        let prefix = match audience {
            Audience::Web => "/api/v1",
            Audience::Mobile => "/m/v1",
            Audience::Partner => "/v1",
        };
        let root_paths = ["/i/", "/.well-known/", "/feeds/", "/ofrep/"];
        Self {
            audience,
            prefix: prefix.to_owned(),
            root_paths: root_paths.map(str::to_owned).to_vec(),
            rust_root: "::covergen_proto".to_owned(),
            strip_package: "covergen".to_owned(),
            validates: true,
            title: "Covergen API".to_owned(),
            version: "1".to_owned(),
        }
    }

    /// Generates from an encoded FileDescriptorSet.
    ///
    /// # Errors
    /// Everything that is wrong with the annotations, each with its place.
    pub fn run(&self, descriptors: &[u8]) -> Result<Generated, BuildErrors> {
        let pool = DescriptorPool::decode(descriptors)
            .map_err(|error| BuildErrors::one(format!("the descriptors do not decode: {error}")))?;
        let api = model::read(&pool, self)?;
        check::check(&api)?;
        let document = |version| openapi::document(&api.version(version), self, version);
        let versions = api.versions();
        let later = versions[1..].iter();
        Ok(Generated {
            rust: emit::emit(&api, self),
            openapi: document(versions[0]),
            later: later.map(|&version| (version, document(version))).collect(),
        })
    }

    /// Generates into a build script's folder: `bff.rs`, `openapi.json`, and
    /// `openapi.v2.json` and so on where there are later versions.
    ///
    /// # Errors
    /// As [`run`](Self::run), and when a file cannot be written.
    pub fn write(&self, descriptors: &[u8], out_dir: &Path) -> Result<(), BuildErrors> {
        let generated = self.run(descriptors)?;
        let mut files = vec![
            ("bff.rs".to_owned(), generated.rust),
            ("openapi.json".to_owned(), generated.openapi),
        ];
        for (version, document) in generated.later {
            files.push((format!("openapi.v{version}.json"), document));
        }
        for (name, text) in files {
            std::fs::write(out_dir.join(&name), text)
                .map_err(|error| BuildErrors::one(format!("{name} cannot be written: {error}")))?;
        }
        Ok(())
    }
}
