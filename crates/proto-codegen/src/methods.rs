//! Writes the method table, and refuses methods that nobody can call safely.

use prost_reflect::{Kind, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

use crate::code::line;
use crate::contracts::Contracts;
use crate::error::Problems;
use crate::messages;
use crate::names::RUNTIME;
use crate::options::{self, Annotation};

/// Deadline of a BFF, where the contract states none.
const BFF_DEADLINE_MS: u32 = 10_000;

/// Rust source of `METHODS`, sorted by path.
pub(crate) fn write(contracts: &Contracts, prefix: &str, problems: &mut Problems) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for file in contracts.files_of(prefix) {
        for service in file.services() {
            for method in service.methods() {
                check(&method, problems);
                rows.push((path(&service, &method), row(&service, &method)));
            }
        }
    }
    rows.sort();
    let mut out = format!(
        "/// Every method of every contract, sorted by path.\n\
         pub static METHODS: &[{RUNTIME}::Method] = &[\n"
    );
    for (_, row) in rows {
        line(&mut out, row);
    }
    out.push_str("];\n");
    out
}

fn path(service: &ServiceDescriptor, method: &MethodDescriptor) -> String {
    format!("/{}/{}", service.full_name(), method.name())
}

/// The domain is the part of the package that names the service's folder.
fn domain(service: &ServiceDescriptor) -> String {
    let package = service.package_name();
    package.split('.').nth(1).unwrap_or(package).to_owned()
}

fn row(service: &ServiceDescriptor, method: &MethodDescriptor) -> String {
    let exposure = options::exposure(method);
    let auth = exposure.message("auth");
    let policy = options::policy(method);
    let audiences = exposure.enumerations("expose");
    let bits = audiences
        .iter()
        .fold(0, |bits, audience| bits | bit(*audience));
    let idempotency = match exposure.enumeration("idempotency") {
        1 => "Optional",
        2 => "Required",
        _ => "None",
    };
    let rate = Some(exposure.text("rate")).filter(|rate| !rate.is_empty());
    format!(
        "{RUNTIME}::Method {{ path: {:?}, service: {:?}, rpc_service: {:?}, name: {:?}, \
         input: {:?}, output: {:?}, public: {}, permission: {:?}, scopes: &{:?}, admin: {}, \
         exposed: {RUNTIME}::Audiences::from_bits({bits}), callers: &{:?}, idempotent: {}, \
         idempotency: {RUNTIME}::Idempotency::{idempotency}, deadline_ms: {}, bff_deadline_ms: {}, \
         rate: {:?}, client_streaming: {}, server_streaming: {}, sensitive_request: {}, \
         sensitive_response: {} }},",
        path(service, method),
        domain(service),
        service.full_name(),
        method.name(),
        method.input().full_name(),
        method.output().full_name(),
        auth.flag("public"),
        auth.text("permission"),
        auth.texts("scopes"),
        exposure.flag("admin"),
        policy.texts("callers"),
        policy.flag("idempotent"),
        options::policy(method).number("deadline_ms"),
        or(exposure.number("deadline_ms"), BFF_DEADLINE_MS),
        rate.as_deref().unwrap_or("default"),
        method.is_client_streaming(),
        method.is_server_streaming(),
        options::holds_sensitive(&method.input()),
        options::holds_sensitive(&method.output()),
    )
}

fn or(value: u32, default: u32) -> u32 {
    if value == 0 { default } else { value }
}

/// Audience numbers start at 1 (WEB); 0 says nothing.
fn bit(audience: i32) -> u8 {
    match audience {
        1..=8 => 1 << (audience - 1),
        _ => 0,
    }
}

fn check(method: &MethodDescriptor, problems: &mut Problems) {
    let file = method.parent_file();
    let name = method.full_name();
    let mut refuse = |message: String| problems.add(&file, method.path(), message);
    let exposure = options::exposure(method);
    let auth = exposure.message("auth");
    let exposed = !exposure.enumerations("expose").is_empty();
    let admin = exposure.flag("admin");
    if exposed && auth.is_none() && !admin {
        refuse(format!(
            "{name} is exposed but does not say who may call it: state `auth` or `admin`"
        ));
    }
    if auth.flag("public")
        && (admin || !auth.text("permission").is_empty() || !auth.texts("scopes").is_empty())
    {
        refuse(format!(
            "{name} is public and yet asks for a permission, a scope or an admin"
        ));
    }
    if exposure.enumerations("expose").contains(&0) {
        refuse(format!(
            "{name} is exposed to KIND_UNSPECIFIED, which is no audience"
        ));
    }
    if !exposed && !admin && options::policy(method).texts("callers").is_empty() {
        refuse(format!(
            "{name} can be called by nobody: expose it, make it an admin's, or name its callers"
        ));
    }
    if exposed && [method.input(), method.output()].iter().any(holds_any) {
        refuse(format!(
            "{name} is exposed and carries google.protobuf.Any, which has no JSON here"
        ));
    }
    // An upload's fields stand in its header, the first message of the stream.
    let header = exposure.message("upload").text("header");
    let keyed = match method
        .input()
        .get_field_by_name(&header)
        .map(|it| it.kind())
    {
        Some(Kind::Message(header)) => header,
        _ => method.input(),
    };
    let keyed = keyed
        .get_field_by_name("request_id")
        .is_some_and(|field| field.kind() == Kind::String && !field.is_list());
    if exposure.enumeration("idempotency") != 0 && !keyed {
        refuse(format!(
            "{name} takes an idempotency key, so its request needs `string request_id`"
        ));
    }
}

/// The message can hold an `Any`. A body passes as it is, without JSON.
fn holds_any(message: &MessageDescriptor) -> bool {
    message.full_name() != "google.api.HttpBody"
        && messages::reaches(message, &|inner| inner.full_name() == "google.protobuf.Any")
}
