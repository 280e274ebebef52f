//! What a client makes of an answer.

use covergen_grpc::{Client, MAX_MESSAGE_BYTES};
use http::uri::PathAndQuery;
use tonic::client::Grpc;

use super::*;

/// An answer that a server might give.
#[derive(Clone)]
struct Canned {
    http: u16,
    headers: Vec<(&'static str, &'static str)>,
    data: Vec<u8>,
    end: End,
}

const OK: [(&str, &str); 1] = [("grpc-status", "0")];

impl Canned {
    fn well(data: Vec<u8>) -> Self {
        Self {
            http: 200,
            headers: vec![("content-type", "application/grpc"), ("x-from", "me")],
            data,
            end: End::Trailers([&OK[..], &[("x-late", "yes")]].concat()),
        }
    }

    fn ending(self, end: End) -> Self {
        Self { end, ..self }
    }

    fn response(&self, size: usize) -> http::Response<Body> {
        let mut response = http::Response::new(body(&self.data, size, &self.end));
        *response.status_mut() = http::StatusCode::from_u16(self.http).unwrap();
        *response.headers_mut() = headers(&self.headers);
        response
    }
}

/// What is answered with its metadata, or a code, details and metadata.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    Well(String, Vec<(String, String)>),
    Failed(Code, Vec<u8>, Vec<(String, String)>),
}

impl Said {
    fn code(&self) -> Code {
        match self {
            Self::Well(..) => Code::Ok,
            Self::Failed(code, ..) => *code,
        }
    }
}

fn said(answer: Result<tonic::Response<Text>, Status>) -> Said {
    let listed = |metadata: &tonic::metadata::MetadataMap| {
        let headers = metadata.as_ref().iter();
        // It is of every answer, and no metadata.
        let headers = headers.filter(|(name, _)| *name != "content-type");
        let mut headers: Vec<_> = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        headers
    };
    match answer {
        Ok(answer) => {
            let metadata = listed(answer.metadata());
            Said::Well(answer.into_inner().said, metadata)
        }
        Err(status) => {
            let metadata = listed(status.metadata());
            Said::Failed(status.code(), status.details().to_vec(), metadata)
        }
    }
}

/// What both say of the same answer.
async fn both(canned: &Canned, size: usize) -> (Said, Said) {
    let transport = || {
        let canned = canned.clone();
        tower::service_fn(move |_: http::Request<Body>| {
            let response = canned.response(size);
            async move { Ok::<_, Infallible>(response) }
        })
    };
    let request = || tonic::Request::new(text("hello"));
    let ours = Client::new(transport()).unary(request(), PATH).await;
    let path = PathAndQuery::from_static(PATH);
    let theirs = Grpc::new(transport())
        .unary(request(), path, Codec::default())
        .await;
    (said(ours), said(theirs))
}

#[tokio::test]
async fn an_answer_is_read_however_it_comes() {
    let canned = Canned::well(framed("hello"));
    for size in 1..=canned.data.len() {
        let (ours, theirs) = both(&canned, size).await;
        assert_eq!(ours, theirs);
        let metadata = [("grpc-status", "0"), ("x-from", "me"), ("x-late", "yes")];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(ours, Said::Well("hello".to_owned(), metadata.to_vec()));
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_by_the_library() {
    let failed = End::Trailers(vec![("grpc-status", "9"), ("grpc-message", "no")]);
    let well = Canned::well(framed("hello"));
    let mut at_once = Canned::well(Vec::new()).ending(End::Plain);
    at_once.headers.push(("grpc-status", "5"));
    let mut empty = Canned::well(Vec::new()).ending(End::Plain);
    empty.headers.push(OK[0]);
    let cases = [
        (
            "refused",
            Canned::well(Vec::new()).ending(failed.clone()),
            Code::FailedPrecondition,
        ),
        (
            "told after a message",
            well.clone().ending(failed),
            Code::FailedPrecondition,
        ),
        ("refused at once", at_once, Code::NotFound),
        (
            "well without a message",
            Canned::well(Vec::new()),
            Code::Internal,
        ),
        ("well at once", empty, Code::Internal),
        (
            "cut short",
            Canned::well(framed("hello")[..8].to_vec()),
            Code::Internal,
        ),
        (
            "compressed",
            Canned::well(prefixed(1, 1, b"x")),
            Code::Internal,
        ),
        (
            "no text",
            Canned::well(prefixed(0, 3, &[0x0a, 1, 0xff])),
            Code::Internal,
        ),
        (
            "broken",
            well.clone().ending(End::Broken(Code::Unavailable)),
            Code::Unavailable,
        ),
    ];
    for (name, canned, code) in cases {
        for size in [1, 4, 99] {
            let (ours, theirs) = both(&canned, size).await;
            assert_eq!(ours.code(), code, "{name}");
            // What is wrong with an answer is told by whoever finds it, and
            // what a service says as it said it.
            if name.starts_with("refused") {
                assert_eq!(ours, theirs, "{name}");
            } else {
                assert_eq!(theirs.code(), code, "{name}");
            }
        }
    }
}

/// Where the library says otherwise: what it says stands last.
#[tokio::test]
async fn an_answer_is_one_message_with_a_status() {
    let well = Canned::well(framed("hello"));
    let two = [framed("one"), framed("two")].concat();
    let failed = End::Trailers(vec![("grpc-status", "9")]);
    let long = Canned::well(prefixed(0, MAX_MESSAGE_BYTES + 1, b"x"));
    let proxy = |http| Canned {
        http,
        ..well.clone()
    };
    let cases = [
        ("two", Canned::well(two.clone()), Code::Internal, Code::Ok),
        (
            "refused after two",
            Canned::well(two).ending(failed),
            Code::Internal,
            Code::FailedPrecondition,
        ),
        (
            "no status",
            well.clone().ending(End::Plain),
            Code::Internal,
            Code::Unknown,
        ),
        ("too long", long, Code::ResourceExhausted, Code::OutOfRange),
        // The answer of one that is in between is no answer.
        ("of a proxy", proxy(503), Code::Unavailable, Code::Ok),
        (
            "of one with small headers",
            proxy(431),
            Code::ResourceExhausted,
            Code::Ok,
        ),
    ];
    for (name, canned, code, the_librarys) in cases {
        let (ours, theirs) = both(&canned, 99).await;
        assert_eq!(ours.code(), code, "{name}");
        assert_eq!(theirs.code(), the_librarys, "{name}");
    }
}

/// The library panics on them.
#[tokio::test]
async fn details_that_are_none_are_left_out() {
    let broken = vec![("grpc-status", "9"), ("grpc-status-details-bin", "%%%")];
    let after = Canned::well(Vec::new()).ending(End::Trailers(broken.clone()));
    let mut at_once = Canned::well(Vec::new()).ending(End::Plain);
    at_once.headers.extend(broken);
    for canned in [after, at_once] {
        let transport = tower::service_fn(move |_: http::Request<Body>| {
            let response = canned.response(99);
            async move { Ok::<_, Infallible>(response) }
        });
        let request = tonic::Request::new(text("hello"));
        let answer = Client::new(transport).unary(request, PATH).await;
        let said = said(answer);
        assert_eq!(said.code(), Code::FailedPrecondition);
    }
}

/// A call that may have been done is not told as one that was refused.
#[tokio::test]
async fn a_transport_that_fails_is_no_refusal() {
    let transport = tower::service_fn(|_: http::Request<Body>| async {
        Err::<http::Response<Body>, _>(std::io::Error::other("it broke"))
    });
    let request = || tonic::Request::new(text("hello"));
    let path = PathAndQuery::from_static(PATH);
    let ours = Client::new(transport)
        .unary::<_, Text>(request(), PATH)
        .await;
    let theirs = Grpc::new(transport)
        .unary(request(), path, Codec::default())
        .await;
    assert_eq!(said(ours), said(theirs));
}

#[tokio::test]
async fn a_request_over_the_limit_is_not_sent() {
    let transport = tower::service_fn(|_: http::Request<Body>| async {
        Err::<http::Response<Body>, _>(Status::aborted("it was sent"))
    });
    // What stands before the text makes it longer than the limit.
    let request = tonic::Request::new(text(&"x".repeat(MAX_MESSAGE_BYTES)));
    let answer = Client::new(transport).unary::<_, Text>(request, PATH).await;
    assert_eq!(answer.unwrap_err().code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn a_call_says_what_the_library_says() {
    let heard = |request: http::Request<Body>| async move {
        let mut headers: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.sort();
        Err::<http::Response<Body>, _>(Status::aborted(format!(
            "{} {} {headers:?}",
            request.method(),
            request.uri()
        )))
    };
    let request = || {
        let mut request = tonic::Request::new(text("hello"));
        let metadata = request.metadata_mut();
        metadata.insert("x-own", "1".parse().unwrap());
        metadata.insert("te", "nothing".parse().unwrap());
        metadata.insert("grpc-status", "3".parse().unwrap());
        request
    };
    let ours = Client::new(tower::service_fn(heard))
        .unary::<Text, Text>(request(), PATH)
        .await
        .unwrap_err();
    let path = PathAndQuery::from_static(PATH);
    let theirs = Grpc::new(tower::service_fn(heard))
        .unary(request(), path, Codec::default())
        .await
        .unwrap_err();
    assert_eq!(ours.code(), Code::Aborted);
    assert_eq!(ours.message(), theirs.message());
}

/// Both clients and both servers, each with each.
#[tokio::test]
async fn each_client_understands_each_server() {
    let ours = tower::service_fn(|request: http::Request<Body>| async move {
        Ok::<_, Infallible>(covergen_grpc::unary(request, read, echo).await)
    });
    let request = || tonic::Request::new(text("hello"));
    let path = || PathAndQuery::from_static(PATH);
    let mut answers = vec![
        Client::new(ours).unary(request(), PATH).await,
        Client::new(tower::service_fn(served))
            .unary(request(), PATH)
            .await,
    ];
    answers.push(
        Grpc::new(ours)
            .unary(request(), path(), Codec::default())
            .await,
    );
    for answer in answers {
        assert_eq!(answer.unwrap().into_inner(), text("hello"));
    }
}
