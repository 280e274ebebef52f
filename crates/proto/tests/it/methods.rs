//! The method table says what the contracts say.

use covergen_proto::{Audiences, Idempotency, METHODS, Method};
use prost_reflect::DescriptorPool;

use crate::generated;

fn scratch(name: &str) -> &'static Method {
    generated::METHODS
        .iter()
        .find(|method| method.name == name)
        .unwrap()
}

#[test]
fn a_row_holds_what_the_annotations_state() {
    assert_eq!(
        *scratch("Echo"),
        Method {
            path: "/covergen.scratch.v1.ScratchService/Echo",
            service: "scratch",
            rpc_service: "covergen.scratch.v1.ScratchService",
            name: "Echo",
            input: "covergen.scratch.v1.Ruled",
            output: "covergen.scratch.v1.Ruled",
            public: false,
            permission: "scratch.write",
            scopes: &["scratch:write", "scratch:admin"],
            admin: false,
            exposed: Audiences::WEB.union(Audiences::PARTNER),
            callers: &["cover", "task"],
            idempotent: true,
            idempotency: Idempotency::Required,
            deadline_ms: 300,
            bff_deadline_ms: 700,
            rate: "scratch",
            client_streaming: false,
            server_streaming: false,
            sensitive_request: false,
            sensitive_response: false,
        }
    );
}

#[test]
fn services_are_known_by_their_full_name() {
    assert!(Method::is_service("covergen.cover.v1.CoverService"));
    for unknown in ["covergen.cover.v1.CoverServise", "CoverService", ""] {
        assert!(!Method::is_service(unknown), "{unknown}");
    }
}

#[test]
fn what_is_not_stated_has_its_default() {
    let method = scratch("Upload");
    assert!(method.admin && method.client_streaming && !method.server_streaming);
    assert!(method.sensitive_response && !method.sensitive_request);
    assert_eq!(
        (method.deadline_ms, method.bff_deadline_ms, method.rate),
        (0, 10_000, "default"),
        "of the deadlines, the mesh's is its policy's to say"
    );
    assert_eq!(method.idempotency, Idempotency::None);
    assert!(method.exposed.is_empty());
    let method = scratch("Watch");
    assert!(method.public && method.server_streaming);
    assert_eq!(method.deadline_ms, 0, "a stream goes on");
    assert!(method.exposed.contains(Audiences::MOBILE) && !method.exposed.contains(Audiences::WEB));
}

#[test]
fn every_rpc_of_the_contracts_is_found_by_its_path() {
    let pool = DescriptorPool::decode(covergen_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut count = 0;
    for service in pool.services() {
        for rpc in service.methods() {
            let path = format!("/{}/{}", service.full_name(), rpc.name());
            let method =
                Method::find(&path).unwrap_or_else(|| panic!("{path} is not in the table"));
            assert_eq!((method.path, method.name), (path.as_str(), rpc.name()));
            assert_eq!(method.input, rpc.input().full_name());
            count += 1;
        }
    }
    assert_eq!(count, METHODS.len());
    assert!(METHODS.is_sorted_by(|a, b| a.path < b.path));
    assert_eq!(
        Method::find("/covergen.cover.v1.CoverService/Nothing"),
        None
    );
}

#[test]
fn every_rpc_of_the_contracts_has_somebody_who_may_call_it() {
    for method in METHODS {
        let callable = method.admin || !method.exposed.is_empty() || !method.callers.is_empty();
        assert!(callable, "{}", method.path);
    }
}
