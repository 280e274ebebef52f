//! What the annotations say, read from descriptors.

pub(crate) mod compose;
pub(crate) mod guidance;
pub(crate) mod options;
pub(crate) mod protocol;

use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};

use crate::kind::Typed;
use crate::source::Place;
use crate::template::Template;
use crate::{BuildError, BuildErrors, Generator, versions};

use guidance::{Deprecation, Link};
use options::Options;
use protocol::Protocol;

/// Everything one audience is offered.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    /// In order of full name.
    pub(crate) methods: Vec<Method>,
}

/// One RPC that the audience is offered.
#[derive(Debug, Clone)]
pub(crate) struct Method {
    pub(crate) rpc: MethodDescriptor,
    pub(crate) place: Place,
    /// Heading in the API document.
    pub(crate) tag: String,
    /// Domain that owns it: the second package segment.
    pub(crate) domain: String,
    /// Version of the API that it belongs to.
    pub(crate) version: u32,
    pub(crate) exposure: Exposure,
    pub(crate) bindings: Vec<Http>,
}

/// `covergen.bff.v1.Exposure`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exposure {
    pub(crate) audiences: Vec<i32>,
    pub(crate) auth: Option<Auth>,
    pub(crate) status: u32,
    pub(crate) cache: Option<Cache>,
    pub(crate) idempotency: Idempotency,
    pub(crate) rate: String,
    pub(crate) deadline_ms: u32,
    pub(crate) stream: Stream,
    /// Those who ask the same watch one stream of the service.
    pub(crate) shared: bool,
    pub(crate) request_headers: Vec<HeaderBinding>,
    pub(crate) response_headers: Vec<HeaderBinding>,
    pub(crate) summary: String,
    pub(crate) reason_status: Vec<(String, u32)>,
    pub(crate) session: Session,
    pub(crate) admin: bool,
    pub(crate) upload: Option<Upload>,
    /// Field that becomes `Location`; empty: none.
    pub(crate) redirect: String,
    pub(crate) request_cookies: Vec<CookieBinding>,
    pub(crate) response_cookies: Vec<CookieBinding>,
    /// Largest body in bytes; 0: the BFF's own limit.
    pub(crate) max_body_bytes: u32,
    /// How the answer is put together; none where a service gives it.
    pub(crate) compose: Option<compose::Compose>,
    pub(crate) links: Vec<Link>,
    pub(crate) deprecation: Option<Deprecation>,
    /// Where `Location` leads.
    pub(crate) location: Option<Link>,
    pub(crate) protocol: Option<Protocol>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Auth {
    pub(crate) public: bool,
    pub(crate) permission: String,
    pub(crate) scopes: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    pub(crate) max_age_seconds: u32,
    pub(crate) private: bool,
    pub(crate) vary: Vec<String>,
    pub(crate) etag: bool,
    pub(crate) immutable: bool,
    /// Events that end the BFF's copies.
    pub(crate) purge_on: Vec<String>,
    /// How long the BFF keeps copies; 0: as long as callers.
    pub(crate) keep_seconds: u32,
}

impl Cache {
    pub(crate) fn keeps_copies(&self) -> bool {
        self.keep_seconds > 0 || !self.purge_on.is_empty()
    }

    pub(crate) fn copy_seconds(&self) -> u32 {
        match self.keep_seconds {
            0 => self.max_age_seconds,
            stated => stated,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Idempotency {
    #[default]
    None,
    Optional,
    Required,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stream {
    #[default]
    None,
    Events,
    Lines,
    Body,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Session {
    #[default]
    None,
    Start,
    Refresh,
    End,
}

#[derive(Debug, Clone)]
pub(crate) struct HeaderBinding {
    pub(crate) header: String,
    pub(crate) field: String,
}

#[derive(Debug, Clone)]
pub(crate) struct CookieBinding {
    pub(crate) cookie: String,
    pub(crate) field: String,
    pub(crate) max_age_seconds: u32,
    /// As annotated, without the audience's prefix; empty: everywhere.
    pub(crate) path: String,
    pub(crate) clear: bool,
}

/// How a body becomes a client stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload {
    pub(crate) header: String,
    pub(crate) chunk: String,
    pub(crate) content_type: String,
    pub(crate) filename: String,
    pub(crate) types: Vec<String>,
    pub(crate) max_bytes: u64,
    /// Bytes as they are, without a form.
    pub(crate) bare: bool,
}

impl Upload {
    /// Fields of the header that the file itself fills.
    pub(crate) fn told(&self) -> impl Iterator<Item = String> {
        [&self.content_type, &self.filename]
            .into_iter()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// One HTTP verb and path.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    /// In capitals; `*` for every one.
    pub(crate) verb: String,
    /// Path as annotated, with the audience's prefix.
    pub(crate) path: String,
    pub(crate) template: Template,
    pub(crate) body: Body,
    /// Field of the answer that is sent instead of the whole; empty: the whole.
    pub(crate) response_body: String,
}

/// Where the HTTP body goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Whole,
    Field(String),
}

/// Reads every RPC of the audience; refuses what cannot be read at all.
pub(crate) fn read(pool: &DescriptorPool, generator: &Generator) -> Result<Api, BuildErrors> {
    let options = Options::find(pool);
    let mut methods = Vec::new();
    let mut errors = Vec::new();
    for service in pool.services() {
        for rpc in service.methods() {
            let Some(exposure) = options.exposure(&rpc) else {
                continue;
            };
            let place = Place::of(&rpc.parent_file(), rpc.path());
            if exposure.audiences.is_empty() {
                continue;
            }
            if exposure.auth.is_none() {
                let text = format!("{} is exposed without `auth`", rpc.full_name());
                errors.push(place.error(text));
                continue;
            }
            if !exposure.audiences.contains(&generator.audience.number()) {
                continue;
            }
            let version = versions::of_package(service.package_name());
            let placing = |rule, template: &_| placed(rule, template, generator, version);
            let bindings = bindings(&options, &rpc, &place, placing, &mut errors);
            let file = rpc.parent_file();
            methods.push(Method {
                tag: options
                    .tag(&file)
                    .unwrap_or_else(|| service.name().to_owned()),
                domain: domain(service.package_name()),
                version,
                rpc,
                place,
                exposure,
                bindings,
            });
        }
    }
    if !errors.is_empty() {
        return Err(sorted(errors));
    }
    methods.sort_by(|a, b| a.rpc.full_name().cmp(b.rpc.full_name()));
    Ok(Api { methods })
}

fn bindings(
    options: &Options,
    rpc: &MethodDescriptor,
    place: &Place,
    placing: impl Fn(options::Rule, &Template) -> Http,
    errors: &mut Vec<BuildError>,
) -> Vec<Http> {
    let mut bindings = Vec::new();
    for rule in options.http_rules(rpc) {
        let rule = match rule {
            Ok(rule) => rule,
            Err(text) => {
                errors.push(place.error(text));
                continue;
            }
        };
        match Template::parse(&rule.path) {
            Ok(template) => bindings.push(placing(rule, &template)),
            Err(text) => errors.push(place.error(text)),
        }
    }
    bindings
}

/// Puts the version's prefix in front, except of paths that stand at the root.
fn placed(rule: options::Rule, template: &Template, generator: &Generator, version: u32) -> Http {
    let prefix = generator.prefix_of(&rule.path, version);
    Http {
        verb: rule.verb,
        path: format!("{prefix}{}", rule.path),
        template: template.prefixed(&prefix),
        body: rule.body,
        response_body: rule.response_body,
    }
}

fn domain(package: &str) -> String {
    package.split('.').nth(1).unwrap_or(package).to_owned()
}

pub(crate) fn sorted(mut errors: Vec<BuildError>) -> BuildErrors {
    errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    BuildErrors(errors)
}

impl Api {
    /// The RPC of that full name, if the audience is offered it.
    pub(crate) fn method(&self, full_name: &str) -> Option<&Method> {
        self.methods
            .iter()
            .find(|method| method.full_name() == full_name)
    }
}

impl Method {
    /// The name handlers and operations go by, such as
    /// `covergen.cover.v1.CoverService/Generate`.
    pub(crate) fn full_name(&self) -> String {
        format!(
            "{}/{}",
            self.rpc.parent_service().full_name(),
            self.rpc.name()
        )
    }

    /// The message that path, query, headers and form fields fill: the
    /// request, or the header of an upload.
    pub(crate) fn head(&self) -> MessageDescriptor {
        self.upload_header().unwrap_or_else(|| self.rpc.input())
    }

    /// Fields that only a header fills: those of a protocol.
    pub(crate) fn in_headers_alone(&self) -> impl Iterator<Item = String> {
        let bound = self.exposure.request_headers.iter();
        let bound = bound.filter(|_| self.exposure.protocol.is_some());
        bound.map(|binding| binding.field.clone())
    }

    fn upload_header(&self) -> Option<MessageDescriptor> {
        let upload = self.exposure.upload.as_ref()?;
        let field = self.rpc.input().get_field_by_name(&upload.header)?;
        Typed::of(&field).value.message().cloned()
    }
}
