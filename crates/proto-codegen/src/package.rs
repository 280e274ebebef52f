//! Assembles the Rust of one package.

use std::collections::BTreeMap;

use prost_build::Module;
use prost_reflect::FileDescriptor;

use crate::contracts::Contracts;
use crate::error::Problems;
use crate::names::RUNTIME;
use crate::services::Services;
use crate::{Error, debug, json, messages, options, rules};

/// Rust source by package, for every package that starts with `prefix`.
pub(crate) fn write(
    contracts: &Contracts,
    prefix: &str,
    problems: &mut Problems,
) -> Result<BTreeMap<String, String>, Error> {
    let files = contracts.files_of(prefix);
    let mut sources = prost(contracts, &files, prefix)?;
    for file in &files {
        let source = sources.entry(file.package_name().to_owned()).or_default();
        let has_json = json::is_generated(file.package_name());
        for message in messages::of_file(file) {
            if has_json {
                source.push_str(&json::message(&message, problems));
            }
            source.push_str(&rules::message(&message, problems));
            source.push_str(&debug::message(&message));
        }
        for enumeration in messages::enums_of_file(file) {
            if has_json {
                source.push_str(&json::enumeration(&enumeration));
            }
        }
    }
    Ok(sources)
}

fn prost(
    contracts: &Contracts,
    files: &[FileDescriptor],
    prefix: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let mut config = prost_build::Config::new();
    config
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        .bytes(["."])
        // Sorted maps make equal messages encode to equal bytes, on which
        // request digests rely.
        .btree_map(["."])
        .compile_well_known_types()
        .format(false)
        .service_generator(Box::new(Services));
    if prefix != "google" {
        config.extern_path(".google", format!("{RUNTIME}::google"));
    }
    let messages = files.iter().flat_map(messages::of_file);
    let redacted: Vec<_> = messages
        .filter(|message| message.fields().any(|field| options::is_sensitive(&field)))
        .collect();
    config.skip_debug(
        redacted
            .iter()
            .map(|message| format!(".{}", message.full_name())),
    );
    // prost takes the path for a prefix and leaves `Debug` out of what is
    // nested in the message, too.
    for nested in redacted.iter().flat_map(|message| message.child_enums()) {
        config.enum_attribute(format!(".{}", nested.full_name()), "#[derive(Debug)]");
    }
    // prost asks the message graph about every type that a field has. Files of
    // Google's are in it for that alone: their types are extern, so nothing is
    // written for them.
    let google = if prefix == "google" {
        Vec::new()
    } else {
        contracts.files_of("google")
    };
    let requests = files
        .iter()
        .chain(&google)
        .map(|file| {
            let module = Module::from_protobuf_package_name(file.package_name());
            (module, file.file_descriptor_proto().clone())
        })
        .collect();
    let generated = config.generate(requests).map_err(|source| Error::Io {
        path: prefix.to_owned(),
        source,
    })?;
    let packages = files.iter().map(|file| file.package_name().to_owned());
    Ok(packages
        .filter_map(|package| {
            let module = Module::from_protobuf_package_name(&package);
            generated
                .get(&module)
                .map(|source| (package, source.clone()))
        })
        .collect())
}
