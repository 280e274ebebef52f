//! Checks of links, deprecations and the copies that a BFF keeps.

use std::collections::HashSet;

use prost_reflect::DescriptorPool;

use super::method::Findings;
use super::resolve;
use crate::condition::Condition;
use crate::date;
use crate::kind::{HTTP_BODY, Shape, Typed, Value};
use crate::model::guidance::{Bound, Link, Side};
use crate::model::{Api, Body, Method, Session, Stream};
use crate::versions;

pub(super) fn check(findings: &mut Findings<'_>, api: &Api) {
    links(findings, api);
    location(findings, api);
    deprecation(findings);
    successor(findings, api);
    copies(findings);
}

fn links(findings: &mut Findings<'_>, api: &Api) {
    let method = findings.method;
    if method.exposure.links.is_empty() {
        return;
    }
    let is_json = method.rpc.output().full_name() != HTTP_BODY
        && method.exposure.stream == Stream::None
        && method.exposure.status != 204;
    if !is_json {
        findings.add("`links` stand in a JSON answer, which this RPC does not give");
    }
    let mut seen = HashSet::new();
    for link in &method.exposure.links {
        let is_rel = !link.rel.is_empty()
            && link
                .rel
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_rel {
            findings.add(format!("`{}` is not the name of a relation", link.rel));
        }
        if !seen.insert(&link.rel) {
            findings.add(format!("the link `{}` is there twice", link.rel));
        }
        if !link.when.is_empty() {
            let answer = method.rpc.output();
            if let Err(problem) = Condition::parse(&link.when, &answer) {
                findings.add(format!("the link `{}`: {problem}", link.rel));
            }
        }
        target(findings, link, api);
    }
}

fn location(findings: &mut Findings<'_>, api: &Api) {
    let Some(link) = findings.method.exposure.location.clone() else {
        return;
    };
    if findings.method.rpc.is_server_streaming() {
        findings.add("the headers of a stream are sent before its messages: no `location`");
    }
    if !link.when.is_empty() {
        findings.add("`location` names what was made, whatever became of it: no `when`");
    }
    let is_from_answer =
        |bound: &Bound| !bound.text.is_empty() || matches!(bound.source(), Some((Side::Answer, _)));
    if !link.bind.iter().all(is_from_answer) {
        findings.add("`location` reads from the answer: `from` begins with `answer.`");
    }
    target(findings, &link, api);
}

fn target(findings: &mut Findings<'_>, link: &Link, api: &Api) {
    let method = findings.method;
    if !is_known(method.rpc.parent_pool(), &link.rpc) {
        findings.add(format!(
            "the link `{}` leads to `{}`, which is no RPC",
            link.rel, link.rpc
        ));
        return;
    }
    for bound in &link.bind {
        if !bound.text.is_empty() {
            if !bound.from.is_empty() {
                findings.add(format!(
                    "`{}` of the link `{}` has both `from` and `text`",
                    bound.to, link.rel
                ));
            }
            continue;
        }
        let found = bound.source().and_then(|(side, path)| {
            let message = match side {
                Side::Request => method.head(),
                Side::Answer => method.rpc.output(),
            };
            resolve(&message, path)
        });
        let Some(found) = found else {
            findings.add(format!(
                "the link `{}` reads `{}`, which neither request nor answer has",
                link.rel, bound.from
            ));
            continue;
        };
        let typed = Typed::of(found.last());
        let is_scalar = matches!(typed.value, Value::Scalar(word) if word != "bytes");
        let is_single = matches!(typed.shape, Shape::Plain | Shape::Optional);
        if !is_scalar || !is_single {
            findings.add(format!(
                "the link `{}` reads `{}`, which is no single text or number",
                link.rel, bound.from
            ));
        }
    }
    // Where the audience is not offered the target, the link does not exist.
    let Some(target) = api.method(&link.rpc) else {
        return;
    };
    let Some(route) = target.bindings.first() else {
        findings.add(format!(
            "the link `{}` leads to `{}`, which has no path",
            link.rel, link.rpc
        ));
        return;
    };
    for variable in &route.template.variables {
        if !link.bind.iter().any(|bound| bound.to == variable.path) {
            findings.add(format!(
                "the link `{}` leaves `{{{}}}` in {} unbound",
                link.rel, variable.path, route.path
            ));
        }
    }
    for bound in &link.bind {
        let mut variables = route.template.variables.iter();
        if !variables.any(|variable| variable.path == bound.to) {
            findings.add(format!(
                "the link `{}` binds `{}`, which is no variable of {}",
                link.rel, bound.to, route.path
            ));
        }
    }
}

fn is_known(pool: &DescriptorPool, full_name: &str) -> bool {
    full_name.split_once('/').is_some_and(|(service, name)| {
        pool.get_service_by_name(service)
            .is_some_and(|service| service.methods().any(|method| method.name() == name))
    })
}

fn deprecation(findings: &mut Findings<'_>) {
    let Some(given) = findings.method.exposure.deprecation.clone() else {
        return;
    };
    let since = date::parse(&given.since);
    if since.is_none() {
        findings.add(format!(
            "`since` is `{}`, which is no day such as 2026-11-01",
            given.since
        ));
    }
    if !given.sunset.is_empty() {
        match (since, date::parse(&given.sunset)) {
            (_, None) => findings.add(format!(
                "`sunset` is `{}`, which is no day such as 2026-11-01",
                given.sunset
            )),
            (Some(since), Some(sunset)) if sunset < date::half_a_year_after(since) => {
                findings.add(format!(
                    "callers have at least six months: `sunset` cannot be before {}",
                    date::half_a_year_after(since)
                ));
            }
            _ => {}
        }
    }
    let is_place = ["/", "https://"]
        .iter()
        .any(|start| given.guide.starts_with(start));
    let is_plain = given
        .guide
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"'));
    if !(given.guide.is_empty() || is_place && is_plain) {
        findings.add(format!(
            "the guide `{}` is neither a path nor a URL",
            given.guide
        ));
    }
}

/// A successor is an RPC of a later version whose path the old one can name.
fn successor(findings: &mut Findings<'_>, api: &Api) {
    let method = findings.method;
    let Some(given) = method.exposure.deprecation.clone() else {
        return;
    };
    let name = &given.successor;
    if name.is_empty() {
        return;
    }
    if given.guide.is_empty() {
        findings.add("where there is a successor, a `guide` tells how to move to it");
    }
    if !is_known(method.rpc.parent_pool(), name) {
        findings.add(format!("the successor `{name}` is no RPC"));
        return;
    }
    // An audience that is not offered the successor is told of none.
    let Some(target) = api.successor(method) else {
        return;
    };
    if target.version <= method.version {
        findings.add(format!(
            "the successor `{name}` does not belong to a later version"
        ));
    }
    for (index, http) in method.bindings.iter().enumerate() {
        let Some(next) = versions::binding(target, index) else {
            findings.add(format!("the successor `{name}` has no path"));
            return;
        };
        if let Err(variable) = versions::pieces(&http.template, &next.template) {
            findings.add(format!(
                "nothing in {} fills `{{{variable}}}` of the successor's {}",
                http.path, next.path
            ));
            continue;
        }
        for (from, to) in versions::filled(&http.template, &next.template) {
            let old = resolve(&method.head(), &from.path);
            let new = resolve(&target.head(), &to.path);
            let (Some(old), Some(new)) = (old, new) else {
                // A variable without a field is told where it stands.
                continue;
            };
            let (old, new) = (Typed::of(old.last()).value, Typed::of(new.last()).value);
            if !versions::fits(&old, &new) {
                findings.add(format!(
                    "`{{{}}}` of {} is {}, and does not fit `{{{}}}` of the successor's {}, which is {}",
                    from.path,
                    http.path,
                    versions::told(&old),
                    to.path,
                    next.path,
                    versions::told(&new)
                ));
            }
        }
    }
}

fn copies(findings: &mut Findings<'_>) {
    let method = findings.method;
    let Some(cache) = method
        .exposure
        .cache
        .as_ref()
        .filter(|cache| cache.keeps_copies())
    else {
        return;
    };
    if cache.copy_seconds() == 0 {
        findings.add("copies need `keep_seconds` or `max_age_seconds`");
    }
    if !is_the_same_for_all(method) {
        findings.add(
            "only a public GET that answers once, and that no header or cookie changes, can be \
             answered from copies",
        );
    }
    for event in &cache.purge_on {
        let message = method.rpc.parent_pool().get_message_by_name(event);
        if message.is_none() || event.split('.').count() < 3 {
            findings.add(format!("`purge_on` names `{event}`, which is no event"));
        }
    }
}

/// Whether nothing of a request but its path and query tells answers apart.
fn is_the_same_for_all(method: &Method) -> bool {
    let exposure = &method.exposure;
    let is_public = exposure.auth.as_ref().is_some_and(|auth| auth.public);
    let is_get = method
        .bindings
        .iter()
        .all(|http| http.verb == "GET" && http.body == Body::None);
    is_public
        && is_get
        && !method.rpc.is_server_streaming()
        && !method.rpc.is_client_streaming()
        && exposure.redirect.is_empty()
        && exposure.session == Session::None
        && exposure.request_headers.is_empty()
        && exposure.request_cookies.is_empty()
        && exposure.response_cookies.is_empty()
        && matches!(exposure.status, 0 | 200)
}
