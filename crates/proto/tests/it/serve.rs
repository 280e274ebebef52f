//! Requests reach a handler valid or not at all.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use covergen_proto::codec::MAX_MESSAGE_BYTES;
use covergen_proto::google::api::HttpBody;
use http_body_util::{BodyExt as _, Full};
use tokio_stream::{Stream, StreamExt};
use tonic::codegen::{Bytes, Service as _};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::StatusExt;

use crate::scratch::scratch_service_server::{ScratchService, ScratchServiceServer};
use crate::scratch::{Item, Ruled, Secret, scratch_service, scratch_service_client};
use crate::{item, ruled};

/// Answers everything, counting the messages that reached it.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Counting {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

type Items = Pin<Box<dyn Stream<Item = Result<Item, Status>> + Send>>;

#[tonic::async_trait]
impl ScratchService for Counting {
    type WatchStream = Items;
    type ChatStream = Items;

    async fn echo(&self, request: Request<Ruled>) -> Result<Response<Ruled>, Status> {
        self.note();
        Ok(Response::new(request.into_inner()))
    }

    async fn upload(&self, request: Request<Streaming<Item>>) -> Result<Response<Secret>, Status> {
        let mut items = request.into_inner();
        while items.message().await?.is_some() {
            self.note();
        }
        Ok(Response::new(Secret::default()))
    }

    async fn watch(&self, request: Request<Item>) -> Result<Response<Items>, Status> {
        self.note();
        // Longer than the rule for requests allows: answers are not judged.
        let name = request.into_inner().name.repeat(9);
        Ok(Response::new(Box::pin(tokio_stream::iter([
            Ok(item(&name)),
            Ok(item("")),
        ]))))
    }

    async fn chat(&self, request: Request<Streaming<Item>>) -> Result<Response<Items>, Status> {
        let service = self.clone();
        let answers = request
            .into_inner()
            .map(move |item| item.inspect(|_| service.note()));
        Ok(Response::new(Box::pin(answers)))
    }

    async fn download(
        &self,
        _request: Request<covergen_proto::wkt::Empty>,
    ) -> Result<Response<HttpBody>, Status> {
        self.note();
        Ok(Response::new(HttpBody {
            content_type: "image/png".to_owned(),
            ..HttpBody::default()
        }))
    }
}

#[tokio::test]
async fn a_valid_request_is_answered() {
    let service = Counting::default();
    let mut client = scratch_service_client(scratch_service(service.clone()));
    let answer = client.echo(ruled()).await.unwrap().into_inner();
    assert_eq!(answer, ruled());
    let body = client
        .download(covergen_proto::wkt::Empty {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(body.content_type, "image/png");
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn an_invalid_request_is_refused_with_every_violation_and_never_handled() {
    let service = Counting::default();
    let mut client = scratch_service_client(scratch_service(service.clone()));
    let mut request = ruled();
    request.title.clear();
    request.items = vec![item("")];
    let status = client.echo(request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "the request breaks 2 rules");
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("INVALID_REQUEST", "covergen")
    );
    let fields: Vec<_> = details
        .bad_request()
        .unwrap()
        .field_violations
        .iter()
        .map(|field| {
            (
                field.field.as_str(),
                field.reason.as_str(),
                field.description.as_str(),
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            (
                "items[0].name",
                "STRING_MIN_LEN",
                "must have at least 1 character"
            ),
            ("title", "REQUIRED", "is required"),
        ]
    );
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn a_server_built_without_the_constructor_validates_as_well() {
    let service = Counting::default();
    let mut client = scratch_service_client(ScratchServiceServer::new(service.clone()));
    let status = client.echo(Ruled::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn each_message_of_a_stream_is_judged_as_it_comes() {
    let service = Counting::default();
    let mut client = scratch_service_client(scratch_service(service.clone()));
    let items = [item("a"), item("b"), item(""), item("c")];
    let status = client
        .upload(tokio_stream::iter(items.clone()))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        status
            .get_error_details()
            .bad_request()
            .unwrap()
            .field_violations[0]
            .field,
        "name"
    );
    assert_eq!(service.count(), 2);

    let mut answers = client
        .chat(tokio_stream::iter(items))
        .await
        .unwrap()
        .into_inner();
    let mut names = Vec::new();
    let status = loop {
        match answers.message().await {
            Ok(Some(answer)) => names.push(answer.name),
            Ok(None) => panic!("the stream ended well"),
            Err(status) => break status,
        }
    };
    assert_eq!(
        (names.as_slice(), status.code()),
        (&["a".to_owned(), "b".to_owned()][..], Code::InvalidArgument)
    );
}

#[tokio::test]
async fn answers_are_not_judged() {
    let mut client = scratch_service_client(scratch_service(Counting::default()));
    let answers = client.watch(item("ab")).await.unwrap().into_inner();
    let names: Vec<usize> = answers
        .map(|answer| answer.unwrap().name.len())
        .collect()
        .await;
    assert_eq!(names, [18, 0]);
}

#[tokio::test]
async fn a_request_beyond_the_limit_never_reaches_the_handler() {
    let service = Counting::default();
    let mut client = scratch_service_client(scratch_service(service.clone()));
    let mut request = ruled();
    request.right = "x".repeat(MAX_MESSAGE_BYTES);
    let message = prost::Message::encode_to_vec(&request);
    let status = client.echo(request).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");

    // Of one who sends it nevertheless.
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let status = refused(&service, [&[0][..], &length, &message].concat()).await;
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
    assert_eq!(service.count(), 0);
}

/// The status with which a frame is answered, which comes without a message.
async fn refused(service: &Counting, frame: impl Into<Bytes>) -> Status {
    let request = tonic::codegen::http::Request::post("/covergen.scratch.v1.ScratchService/Echo")
        .header("content-type", "application/grpc")
        .body(tonic::body::Body::new(Full::new(frame.into())))
        .unwrap();
    let response = scratch_service(service.clone())
        .call(request)
        .await
        .unwrap();
    let status = Status::from_header_map(response.headers()).unwrap();
    let body = response.into_body().collect().await.unwrap();
    assert!(body.to_bytes().is_empty());
    status
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_callers_fault() {
    let service = Counting::default();
    // A frame of two bytes: field 1, of a wire type that does not exist.
    let status = refused(&service, vec![0, 0, 0, 0, 2, 0x0f, 0x00]).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        status.get_error_details().error_info().unwrap().reason,
        "INVALID_REQUEST"
    );
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn the_most_that_can_be_wrong_still_fits_a_header() {
    use covergen_proto::Validate;

    let mut client = scratch_service_client(scratch_service(Counting::default()));
    let mut request = ruled();
    let mut deep = item("");
    for _ in 0..60 {
        deep = Item {
            name: String::new(),
            children: vec![deep],
        };
    }
    request.items = vec![deep.clone(), deep];
    let all = request.check().unwrap_err();
    assert_eq!(all.len(), 32);
    assert!(all.iter().any(|found| found.field.len() > 350));

    let status = client.echo(request).await.unwrap_err();
    assert_eq!(status.message(), "the request breaks 32 rules");
    assert!(
        status.details().len() < 10 * 1024,
        "{}",
        status.details().len()
    );
    let told = status
        .get_error_details()
        .bad_request()
        .unwrap()
        .field_violations
        .len();
    assert!((10..32).contains(&told), "{told}");
}
