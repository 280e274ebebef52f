//! The service behind the scratch surface.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::Stream;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::scratch::covergen::echo::v1::echo_service_server::EchoService;
use crate::scratch::covergen::echo::v1::{
    All, BeginRequest, Begun, CreateRequest, FailRequest, FinishRequest, Finished, GetRequest,
    Inner, ListRequest, ListResponse, LoginRequest, Metadata, PatchRequest, PathRequest,
    RefreshRequest, RenameRequest, SliceRequest, StoreRequest, Stored, Thing, Tick, Tokens,
    UploadRequest, WatchRequest,
};
use crate::scratch::google::api::HttpBody;

/// Counts calls, so that tests see what reached it and what was dropped.
#[derive(Clone, Default)]
pub(crate) struct EchoBackend {
    pub(crate) calls: Arc<AtomicUsize>,
    /// Calls and streams open now.
    pub(crate) open: Arc<AtomicUsize>,
    /// Uploads that came whole, and those that broke off.
    pub(crate) whole: Arc<AtomicUsize>,
    pub(crate) broken: Arc<AtomicUsize>,
}

/// Counts as open while it lives.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl EchoBackend {
    fn enter(&self) -> Open {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        Open(self.open.clone())
    }

    /// Waits, within bounds, until that many calls are open.
    pub(crate) async fn until_open(&self, wanted: usize) {
        until(&self.open, wanted, "calls open").await;
    }

    /// Waits, within bounds, until that many uploads broke off.
    pub(crate) async fn until_broken(&self, wanted: usize) {
        until(&self.broken, wanted, "uploads broken off").await;
    }
}

pub(super) async fn until(count: &AtomicUsize, wanted: usize, what: &str) {
    for _ in 0..500 {
        if count.load(Ordering::SeqCst) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never {wanted} {what}");
}

/// How many things there are to list.
const THINGS: usize = 250;

pub(super) type Answer<T> = Result<Response<T>, Status>;
pub(super) type Sent<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn thing(id: &str) -> Thing {
    Thing {
        id: id.to_owned(),
        display_name: "A thing".to_owned(),
        inner: Some(Inner {
            name: "in".to_owned(),
            number: 7,
            list: vec!["x".to_owned()],
        }),
        tags: vec!["a".to_owned(), "b".to_owned()],
        etag: String::new(),
        create_time: None,
    }
}

fn metadata<T>(request: &Request<T>) -> Metadata {
    let mut entries = BTreeMap::new();
    for entry in request.metadata().iter() {
        if let tonic::metadata::KeyAndValueRef::Ascii(name, value) = entry {
            entries.insert(
                name.to_string(),
                value.to_str().unwrap_or_default().to_owned(),
            );
        }
    }
    Metadata { entries }
}

#[tonic::async_trait]
impl EchoService for EchoBackend {
    async fn echo(&self, request: Request<All>) -> Answer<All> {
        let _open = self.enter();
        let mut all = request.into_inner();
        all.secret = "never shown".to_owned();
        all.made = "by the server".to_owned();
        Ok(Response::new(all))
    }

    async fn path(&self, request: Request<PathRequest>) -> Answer<PathRequest> {
        Ok(Response::new(request.into_inner()))
    }

    async fn patch(&self, request: Request<PatchRequest>) -> Answer<PatchRequest> {
        Ok(Response::new(request.into_inner()))
    }

    async fn create(&self, request: Request<CreateRequest>) -> Answer<Thing> {
        let request = request.into_inner();
        let mut made = thing(&request.request_id);
        made.display_name = request.display_name;
        made.etag = "v1".to_owned();
        made.inner = Some(Inner {
            name: format!("/things/{}", request.request_id),
            ..Inner::default()
        });
        Ok(Response::new(made))
    }

    async fn get(&self, request: Request<GetRequest>) -> Answer<Thing> {
        let _open = self.enter();
        let request = request.into_inner();
        let mut found = thing(&request.id);
        if !request.etag.is_empty() {
            found.display_name = format!("if {}", request.etag);
        }
        if let Some(mask) = request.read_mask {
            found.tags = mask.paths;
        }
        Ok(Response::new(found))
    }

    async fn list(&self, request: Request<ListRequest>) -> Answer<ListResponse> {
        let request = request.into_inner();
        let start: usize = request
            .page_token
            .trim_start_matches('t')
            .parse()
            .unwrap_or(0);
        let size = match request.page_size {
            0 => 20,
            size => usize::try_from(size).unwrap_or(1),
        };
        let end = THINGS.min(start + size);
        let things = (start..end).map(|index| thing(&format!("t{index}")));
        let more = end < THINGS;
        Ok(Response::new(ListResponse {
            things: things.collect(),
            next_page_token: if more {
                format!("t{end}")
            } else {
                String::new()
            },
            request: Some(request),
        }))
    }

    async fn delete(&self, request: Request<GetRequest>) -> Answer<Thing> {
        Ok(Response::new(thing(&request.into_inner().id)))
    }

    type WatchStream = Sent<Tick>;

    async fn watch(&self, request: Request<WatchRequest>) -> Answer<Sent<Tick>> {
        let open = self.enter();
        let WatchRequest {
            count,
            after,
            fail_after,
            hang,
        } = request.into_inner();
        if fail_after < 0 {
            return Err(Status::not_found("no such thing to watch"));
        }
        let stream = futures::stream::unfold((after, open), move |(at, open)| async move {
            if fail_after > 0 && at == fail_after {
                let status = Status::with_error_details(
                    Code::Aborted,
                    "It went wrong.",
                    ErrorDetails::with_error_info("WENT_WRONG", "covergen", []),
                );
                return Some((Err(status), (count, open)));
            }
            if at >= count {
                if hang {
                    std::future::pending::<()>().await;
                }
                return None;
            }
            let tick = Tick {
                version: at + 1,
                text: "line\nbreak".to_owned(),
            };
            Some((Ok(tick), (at + 1, open)))
        });
        Ok(Response::new(Box::pin(stream)))
    }

    type DownloadStream = Sent<HttpBody>;

    async fn download(&self, request: Request<WatchRequest>) -> Answer<Sent<HttpBody>> {
        let request = request.into_inner();
        let chunks = (0..request.count).map(move |index| {
            if request.fail_after > 0 && index == request.fail_after {
                return Err(Status::internal("the disk at 10.0.0.7 is gone"));
            }
            Ok(HttpBody {
                content_type: if index == 0 {
                    "text/csv".to_owned()
                } else {
                    String::new()
                },
                data: format!("chunk {index};").into(),
                extensions: Vec::new(),
            })
        });
        let chunks: Vec<Result<HttpBody, Status>> = chunks.collect();
        let mut response: Response<Sent<HttpBody>> =
            Response::new(Box::pin(futures::stream::iter(chunks)));
        let metadata = response.metadata_mut();
        metadata.insert(
            "http-content-disposition",
            "attachment; filename=\"a.csv\"".parse().unwrap(),
        );
        metadata.insert("http-etag", "\"file-1\"".parse().unwrap());
        metadata.insert("http-x-powered-by", "secrets".parse().unwrap());
        Ok(response)
    }

    async fn upload(&self, request: Request<UploadRequest>) -> Answer<HttpBody> {
        let request = request.into_inner();
        let mut body = request.file.unwrap_or_default();
        if !request.accept.is_empty() {
            body.content_type = request.accept;
        }
        Ok(Response::new(body))
    }

    async fn fail(&self, request: Request<FailRequest>) -> Answer<Thing> {
        let _open = self.enter();
        let request = request.into_inner();
        if request.hang {
            std::future::pending::<()>().await;
        }
        let mut details = ErrorDetails::new();
        if !request.reason.is_empty() {
            details.set_error_info(request.reason, "covergen", []);
        }
        if !request.field.is_empty() {
            details.add_bad_request_violation(request.field, "is wrong");
        }
        if request.retry_after_ms > 0 {
            let delay = Duration::from_millis(request.retry_after_ms.unsigned_abs().into());
            details.set_retry_info(Some(delay));
        }
        Err(Status::with_error_details(
            Code::from_i32(request.code),
            request.message,
            details,
        ))
    }

    async fn slow(&self, request: Request<FailRequest>) -> Answer<Thing> {
        self.fail(request).await
    }

    async fn whoami(&self, request: Request<GetRequest>) -> Answer<Metadata> {
        Ok(Response::new(metadata(&request)))
    }

    async fn login(&self, request: Request<LoginRequest>) -> Answer<Tokens> {
        Ok(Response::new(Tokens {
            access_token: match &*request.into_inner().name {
                "second-factor" => String::new(),
                name => format!("user-{name}"),
            },
            refresh_token: "refresh-1".to_owned(),
            expires_in: 900,
        }))
    }

    async fn refresh(&self, request: Request<RefreshRequest>) -> Answer<Tokens> {
        let presented = request.into_inner().refresh_token;
        if presented != "refresh-1" {
            return Err(Status::unauthenticated("no such token"));
        }
        Ok(Response::new(Tokens {
            access_token: "user-renewed".to_owned(),
            refresh_token: "refresh-2".to_owned(),
            expires_in: 900,
        }))
    }

    async fn logout(&self, request: Request<RefreshRequest>) -> Answer<RefreshRequest> {
        Ok(Response::new(request.into_inner()))
    }

    async fn store(&self, request: Request<tonic::Streaming<StoreRequest>>) -> Answer<Stored> {
        let _open = self.enter();
        super::files::store(self, request.into_inner()).await
    }

    async fn rename(&self, request: Request<RenameRequest>) -> Answer<Thing> {
        let request = request.into_inner();
        if !request.etag.is_empty() && request.etag != "v1" {
            let details = ErrorDetails::with_error_info("ETAG_MISMATCH", "covergen", []);
            let text = "It has changed since.";
            return Err(Status::with_error_details(Code::Aborted, text, details));
        }
        let mut renamed = thing(&request.id);
        renamed.display_name = request.display_name;
        renamed.etag = "v2".to_owned();
        Ok(Response::new(renamed))
    }

    async fn measure(&self, request: Request<Inner>) -> Answer<Inner> {
        Ok(Response::new(Inner {
            number: i32::try_from(request.into_inner().name.len()).unwrap(),
            ..Inner::default()
        }))
    }

    type SliceStream = Sent<HttpBody>;

    async fn slice(&self, request: Request<SliceRequest>) -> Answer<Sent<HttpBody>> {
        super::files::slice(&request.into_inner().range)
    }

    async fn begin(&self, request: Request<BeginRequest>) -> Answer<Begun> {
        let authorization_url = match &*request.into_inner().provider {
            "none" => String::new(),
            "evil" => "javascript:alert(1)".to_owned(),
            provider => format!("https://{provider}.example/authorize?state=s"),
        };
        Ok(Response::new(Begun {
            authorization_url,
            browser_key: "key-1".to_owned(),
        }))
    }

    async fn finish(&self, request: Request<FinishRequest>) -> Answer<Finished> {
        let request = request.into_inner();
        if request.browser_key != "key-1" {
            return Err(Status::permission_denied("another browser began this"));
        }
        let signed_in = request.code == "good";
        let token = |text: &str| {
            if signed_in {
                text.to_owned()
            } else {
                String::new()
            }
        };
        Ok(Response::new(Finished {
            access_token: token("user-ada"),
            refresh_token: token("refresh-1"),
            destination: match &*request.code {
                "json" => String::new(),
                _ => "/make?welcome".to_owned(),
            },
            browser_key: "key-2".to_owned(),
        }))
    }

    async fn leave(&self, request: Request<GetRequest>) -> Answer<Thing> {
        Ok(Response::new(thing(&request.into_inner().id)))
    }

    async fn internal(&self, _: Request<GetRequest>) -> Answer<Thing> {
        Ok(Response::new(thing("internal")))
    }
}
