//! Checks of protocols.

use super::method::{Findings, is_header_name};
use crate::condition::Condition;

pub(super) fn check(findings: &mut Findings<'_>) {
    let Some(protocol) = findings.method.exposure.protocol.clone() else {
        return;
    };
    for (what, text) in [
        ("header", &protocol.header),
        ("version", &protocol.version),
        ("offered", &protocol.offered),
    ] {
        if text.is_empty() {
            findings.add(format!("`protocol` needs `{what}`"));
        }
    }
    for header in protocol.headers() {
        if !is_header_name(header) {
            findings.add(format!("`{header}` is not a header name"));
        }
    }
    let texts = protocol.offers.iter().map(|(_, text)| text);
    for text in texts.chain([&protocol.version]) {
        if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            findings.add(format!("`{text}` cannot stand in a header"));
        }
    }
    if !protocol.max_size.is_empty() && findings.method.exposure.upload.is_none() {
        findings.add("`max_size` of `protocol` tells the limit of an `upload`, and there is none");
    }
    if !protocol.gone_when.is_empty() {
        let method = findings.method;
        if method.bindings.iter().all(|http| http.verb != "GET") {
            findings.add("`gone_when` is what HEAD tells, and this RPC has no GET");
        }
        if let Err(problem) = Condition::parse(&protocol.gone_when, &method.rpc.output()) {
            findings.add(problem);
        }
    }
    if findings.method.rpc.is_server_streaming() {
        findings.add("`protocol` is for RPCs that answer once");
    }
}
