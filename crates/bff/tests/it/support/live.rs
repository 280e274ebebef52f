//! The service behind a state that many watch.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use covergen_bff::Backend;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tonic::{Request, Response, Status};

use super::backend::{Answer, Sent, until};
use crate::scratch::covergen::live::v1::live_service_server::{LiveService, LiveServiceServer};
use crate::scratch::covergen::live::v1::{State, WatchRequest};

type Item = Result<State, Status>;

/// Sends every watcher the state there is, and what the test says then.
#[derive(Clone, Default)]
pub(crate) struct Live(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Of the state; 0 before there is one.
    version: AtomicU64,
    streams: Mutex<Vec<UnboundedSender<Item>>>,
    /// In whose name streams were opened, in order.
    openers: Mutex<Vec<String>>,
    open: AtomicUsize,
}

/// Counts as open while it lives.
struct Open(Live);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Live {
    /// Within this process.
    pub(crate) fn backend(&self) -> Backend {
        Backend::new(LiveServiceServer::new(self.clone()))
    }

    /// Behind a socket of its own.
    pub(crate) async fn over_socket(&self) -> Backend {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        let server = tonic::transport::Server::builder()
            .add_service(LiveServiceServer::new(self.clone()))
            .serve_with_incoming(incoming);
        tokio::spawn(server);
        let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}"));
        Backend::new(endpoint.unwrap().connect_lazy())
    }

    /// The state changes.
    pub(crate) fn say(&self, version: u64) {
        self.0.version.store(version, Ordering::SeqCst);
        for stream in self.0.streams.lock().unwrap().iter() {
            // Who has gone hears nothing.
            drop(stream.send(Ok(State { version })));
        }
    }

    /// Ends the streams there are, well if there is no status.
    pub(crate) fn end(&self, status: Option<&Status>) {
        for stream in self.0.streams.lock().unwrap().drain(..) {
            if let Some(status) = status {
                drop(stream.send(Err(status.clone())));
            }
        }
    }

    pub(crate) fn openers(&self) -> Vec<String> {
        self.0.openers.lock().unwrap().clone()
    }

    /// Waits, within bounds, until that many streams are open.
    pub(crate) async fn until_open(&self, wanted: usize) {
        until(&self.0.open, wanted, "streams open").await;
    }
}

#[tonic::async_trait]
impl LiveService for Live {
    type WatchStream = Sent<State>;

    async fn watch(&self, request: Request<WatchRequest>) -> Answer<Sent<State>> {
        let opener = request.metadata().get("authorization");
        let opener = opener.map_or("nobody", |value| value.to_str().unwrap());
        self.0.openers.lock().unwrap().push(opener.to_owned());
        let WatchRequest { id, after_version } = request.into_inner();
        if id == "none" {
            return Err(Status::not_found("no such thing"));
        }
        self.0.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(self.clone());
        let (items, stream) = unbounded_channel();
        let mut streams = self.0.streams.lock().unwrap();
        let version = self.0.version.load(Ordering::SeqCst);
        if version > after_version {
            items.send(Ok(State { version })).unwrap();
        }
        streams.push(items);
        let messages = futures::stream::unfold((stream, open), |(mut stream, open)| async move {
            let item = stream.recv().await?;
            Some((item, (stream, open)))
        });
        Ok(Response::new(Box::pin(messages)))
    }
}
