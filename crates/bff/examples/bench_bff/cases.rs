//! What is asked for.

use prost::Message as _;
use serde_json::json;

use crate::backend::order;
use crate::load::request;

/// One request and what the figure is called.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) request: Vec<u8>,
    pub(crate) speaks: Speaks,
}

/// Which of a peer's listeners takes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Rest,
    GrpcWeb,
}

/// Lines of the order that makes a body of 5.6 KB.
const POSTED_LINES: i32 = 34;

pub(crate) fn cases() -> [Case; 4] {
    let rest = |name, request| Case {
        name,
        request,
        speaks: Speaks::Rest,
    };
    let get = |lines: u32| {
        let path = format!("/orders/ord_0192f0c1?lines={lines}");
        request("GET", &path, "", b"")
    };
    let posted = posted();
    let post = request("POST", "/orders", "application/json", &posted);
    [
        rest("small GET", get(1)),
        rest("50-line GET", get(50)),
        rest("5.6 KB POST", post),
        Case {
            name: "gRPC-web",
            request: grpc_web(),
            speaks: Speaks::GrpcWeb,
        },
    ]
}

/// The order as a browser would write it.
fn posted() -> Vec<u8> {
    let order = order("ord_0192f0c1", POSTED_LINES);
    let line = |line: &crate::scratch::covergen::bench::v1::Line| {
        json!({
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
            "priceMinor": line.price_minor.to_string(),
            "discount": line.discount,
            "gift": line.gift,
        })
    };
    let lines: Vec<_> = order.lines.iter().map(line).collect();
    let body = json!({
        "id": order.id,
        "customer": order.customer,
        "state": "PAID",
        "totalMinor": order.total_minor.to_string(),
        "currency": order.currency,
        "createTime": "2026-09-21T14:13:20.250Z",
        "lines": lines,
    });
    body.to_string().into_bytes()
}

/// A small order by gRPC-web.
fn grpc_web() -> Vec<u8> {
    let asked = crate::scratch::covergen::bench::v1::GetOrderRequest {
        id: "ord_0192f0c1".to_owned(),
        lines: 1,
    };
    let message = asked.encode_to_vec();
    let length = u32::try_from(message.len()).expect("a short message");
    let mut body = vec![0];
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(&message);
    let path = "/covergen.bench.v1.OrderService/GetOrder";
    request("POST", path, "application/grpc-web+proto", &body)
}
