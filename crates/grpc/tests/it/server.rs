//! What a server answers.

use std::collections::BTreeMap;

use covergen_grpc::{MAX_MESSAGE_BYTES, unary, unknown};
use http_body_util::BodyExt as _;

use super::*;

/// An answer to its end.
#[derive(Debug, PartialEq)]
struct Told {
    code: Code,
    data: Vec<u8>,
    headers: BTreeMap<String, String>,
    trailers: BTreeMap<String, String>,
    mark: Option<Mark>,
    has_status_attached: bool,
}

async fn told(response: http::Response<Body>) -> Told {
    let (head, body) = response.into_parts();
    let all = body.collect().await.unwrap();
    let trailers = all.trailers().cloned().unwrap_or_default();
    let status = Status::from_header_map(&head.headers).or(Status::from_header_map(&trailers));
    Told {
        code: status.unwrap().code(),
        data: all.to_bytes().to_vec(),
        headers: listed(&head.headers),
        trailers: listed(&trailers),
        mark: head.extensions.get().cloned(),
        has_status_attached: head.extensions.get::<Status>().is_some(),
    }
}

/// But for texts, which differ.
fn listed(headers: &HeaderMap) -> BTreeMap<String, String> {
    let headers = headers.iter().filter(|(name, _)| *name != "grpc-message");
    let texts = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    texts.collect()
}

fn request(
    data: &[u8],
    size: usize,
    end: &End,
    more: &[(&'static str, &'static str)],
) -> http::Request<Body> {
    let mut request = http::Request::post(PATH)
        .body(body(data, size, end))
        .unwrap();
    *request.headers_mut() = headers(&[("content-type", "application/grpc"), ("x-from", "me")]);
    request.headers_mut().extend(headers(more));
    request.extensions_mut().insert(Mark(7));
    request
}

/// What both answer to the same request.
async fn both(
    data: &[u8],
    size: usize,
    end: &End,
    more: &[(&'static str, &'static str)],
) -> (Told, Told) {
    let ours = unary(request(data, size, end, more), read, echo).await;
    let Ok(theirs) = served(request(data, size, end, more)).await;
    (told(ours).await, told(theirs).await)
}

fn gzipped(message: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(message).unwrap();
    zipped.finish().unwrap()
}

#[tokio::test]
async fn a_message_is_answered_however_it_comes() {
    let late = End::Trailers(vec![("x-late", "yes")]);
    let frame = framed("hello");
    for end in [End::Plain, End::Empty, late] {
        for size in 1..=frame.len() {
            let (ours, theirs) = both(&frame, size, &end, &[]).await;
            assert_eq!(ours, theirs, "{size} {end:?}");
            assert_eq!((ours.code, &ours.data), (Code::Ok, &frame));
            assert_eq!(ours.headers["x-from"], "me");
            let is_late = matches!(end, End::Trailers(_));
            assert_eq!(ours.headers.contains_key("x-late"), is_late);
            assert_eq!(ours.trailers["grpc-status"], "0");
            assert_eq!(ours.mark, Some(Mark(7)));
        }
    }
}

#[tokio::test]
async fn a_refusal_is_told() {
    let (ours, theirs) = both(&framed("refuse"), 99, &End::Plain, &[]).await;
    assert_eq!(ours, theirs);
    assert_eq!(ours.code, Code::FailedPrecondition);
    assert!(ours.data.is_empty());
}

#[tokio::test]
async fn a_compressed_message_is_read() {
    let message = &framed("hello hello hello")[5..];
    let zipped = gzipped(message);
    let frame = prefixed(1, zipped.len(), &zipped);
    let gzip = [("grpc-encoding", "gzip")];
    for size in [1, 7, frame.len()] {
        let (ours, theirs) = both(&frame, size, &End::Plain, &gzip).await;
        assert_eq!(ours, theirs);
        assert_eq!(ours.data, framed("hello hello hello"));
    }
    // Said to be compressed and not, and said not to be.
    for more in [gzip, [("grpc-encoding", "identity")]] {
        let (ours, theirs) = both(&framed("plain"), 99, &End::Plain, &more).await;
        assert_eq!(ours, theirs);
        assert_eq!(ours.code, Code::Ok);
    }
}

#[tokio::test]
async fn what_is_no_message_is_refused_as_by_the_library() {
    let largest = MAX_MESSAGE_BYTES;
    let two = [framed("one"), framed("two")].concat();
    let cut = framed("hello")[..8].to_vec();
    let none: &[(&str, &str)] = &[];
    let cases = [
        ("nothing", Vec::new(), End::Plain, none, Code::Internal),
        (
            "half a prefix",
            vec![0, 0],
            End::Plain,
            none,
            Code::Internal,
        ),
        (
            "half a message",
            cut.clone(),
            End::Plain,
            none,
            Code::Internal,
        ),
        (
            "too long",
            prefixed(0, largest + 1, b"x"),
            End::Plain,
            none,
            Code::OutOfRange,
        ),
        (
            "compressed unsaid",
            prefixed(1, 1, b"x"),
            End::Plain,
            none,
            Code::Internal,
        ),
        (
            "neither",
            prefixed(2, 1, b"x"),
            End::Plain,
            none,
            Code::Internal,
        ),
        (
            "otherwise",
            framed("x"),
            End::Plain,
            &[("grpc-encoding", "br")],
            Code::Unimplemented,
        ),
        (
            "no gzip",
            prefixed(1, 3, b"abc"),
            End::Plain,
            &[("grpc-encoding", "gzip")],
            Code::Internal,
        ),
        ("two", two, End::Plain, none, Code::Ok),
        (
            "broken off",
            cut,
            End::Broken(Code::Unavailable),
            none,
            Code::Unavailable,
        ),
        (
            "broken off after it",
            framed("hello"),
            End::Broken(Code::ResourceExhausted),
            none,
            Code::ResourceExhausted,
        ),
        (
            "given up",
            Vec::new(),
            End::Broken(Code::Cancelled),
            none,
            Code::Internal,
        ),
    ];
    for (name, data, end, more, code) in cases {
        for size in [1, 4, 1 << 20] {
            let (ours, theirs) = both(&data, size, &end, more).await;
            assert_eq!(ours, theirs, "{name} in pieces of {size}");
            assert_eq!(ours.code, code, "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_refused_need_not_end() {
    let no_text = prefixed(0, 3, &[0x0a, 1, 0xff]);
    let too_long = prefixed(0, MAX_MESSAGE_BYTES + 1, b"");
    for (data, code) in [(no_text, Code::Internal), (too_long, Code::OutOfRange)] {
        let (ours, theirs) = both(&data, 2, &End::Open, &[]).await;
        assert_eq!(ours, theirs);
        assert_eq!(ours.code, code);
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_sent() {
    let request = request(&framed("hello"), 99, &End::Plain, &[]);
    let handler = |_| async { Ok(tonic::Response::new(text(&"x".repeat(MAX_MESSAGE_BYTES)))) };
    let answer = told(unary(request, read, handler).await).await;
    assert_eq!(answer.code, Code::ResourceExhausted);
    assert!(answer.data.is_empty());
}

#[tokio::test]
async fn no_more_is_read_of_what_is_too_long() {
    let endless = tokio_stream::iter(
        std::iter::once(prefixed(0, MAX_MESSAGE_BYTES + 1, b""))
            .chain(std::iter::repeat_with(|| panic!("it was read on"))),
    );
    let frames = tokio_stream::StreamExt::map(endless, |data: Vec<u8>| {
        Ok::<_, Status>(Frame::data(Bytes::from(data)))
    });
    let mut request = request(&[], 1, &End::Plain, &[]);
    *request.body_mut() = Body::new(StreamBody::new(frames));
    let answer = told(unary(request, read, echo).await).await;
    assert_eq!(answer.code, Code::OutOfRange);
}

#[tokio::test]
async fn an_unknown_method_is_told_so() {
    assert_eq!(told(unknown()).await.code, Code::Unimplemented);
}
