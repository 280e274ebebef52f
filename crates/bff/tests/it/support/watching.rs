//! Those who watch a state, by events or by gRPC-web.

use axum::body::Body;
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::scratch::covergen::live::v1::State;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum How {
    Events,
    GrpcWeb,
}

/// One who watches, with the body of the answer read as far as asked for.
pub(crate) struct Watcher {
    how: How,
    pub(crate) status: StatusCode,
    /// Of an answer that is a refusal.
    pub(crate) grpc_status: Option<HeaderValue>,
    body: Body,
    buffer: Vec<u8>,
}

/// What a watcher comes to see.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    Version(u64),
    /// The stream ended, with this code and reason if it did not end well.
    End(Option<(Code, String)>),
}

impl Watcher {
    pub(crate) fn of(how: How, answer: http::Response<Body>) -> Self {
        let (head, body) = answer.into_parts();
        Self {
            how,
            status: head.status,
            grpc_status: head.headers.get("grpc-status").cloned(),
            body,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn sees(&mut self) -> Seen {
        loop {
            let taken = match self.how {
                How::Events => self.event(),
                How::GrpcWeb => self.frame(),
            };
            if let Some(seen) = taken {
                if let Seen::End(_) = seen {
                    self.ends().await;
                }
                return seen;
            }
            match self.body.frame().await {
                Some(frame) => {
                    let data = frame.unwrap().into_data();
                    self.buffer.extend_from_slice(&data.unwrap());
                }
                None => {
                    self.ends().await;
                    return Seen::End(None);
                }
            }
        }
    }

    /// Nothing comes after the end, however often one asks: layers do so.
    async fn ends(&mut self) {
        for _ in 0..2 {
            let after = self.body.frame().await;
            assert!(after.is_none(), "{after:?} after the end");
        }
    }

    pub(crate) async fn versions(&mut self, count: usize) -> Vec<u64> {
        let mut versions = Vec::new();
        while versions.len() < count {
            match self.sees().await {
                Seen::Version(version) => versions.push(version),
                end @ Seen::End(_) => panic!("{end:?} after {versions:?}"),
            }
        }
        versions
    }

    fn event(&mut self) -> Option<Seen> {
        let at = self.buffer.windows(2).position(|two| two == b"\n\n")?;
        let event: Vec<u8> = self.buffer.drain(..at + 2).collect();
        let event = String::from_utf8(event).unwrap();
        if event.starts_with(": ") {
            return self.event();
        }
        if let Some(problem) = event.strip_prefix("event: error\ndata: ") {
            let problem: serde_json::Value = serde_json::from_str(problem.trim()).unwrap();
            let code = match problem["code"].as_str().unwrap() {
                "UNAUTHENTICATED" => Code::Unauthenticated,
                "ABORTED" => Code::Aborted,
                "DEADLINE_EXCEEDED" => Code::DeadlineExceeded,
                other => panic!("{other}"),
            };
            let reason = problem["reason"].as_str().unwrap().to_owned();
            return Some(Seen::End(Some((code, reason))));
        }
        let id = event.strip_prefix("id: ").unwrap().lines().next().unwrap();
        Some(Seen::Version(id.parse().unwrap()))
    }

    fn frame(&mut self) -> Option<Seen> {
        let [flag, length @ ..] = self.buffer.first_chunk::<5>()?;
        let (flag, length) = (*flag, u32::from_be_bytes(*length) as usize);
        let content = self.buffer.get(5..5 + length)?.to_vec();
        self.buffer.drain(..5 + length);
        if flag == 0 {
            return Some(Seen::Version(State::decode(&*content).unwrap().version));
        }
        let mut trailers = http::HeaderMap::new();
        for line in String::from_utf8(content).unwrap().lines() {
            let (name, value) = line.split_once(':').unwrap();
            let name: http::HeaderName = name.parse().unwrap();
            trailers.insert(name, value.trim().parse().unwrap());
        }
        let status = Status::from_header_map(&trailers).unwrap();
        let reason = status.get_details_error_info().map(|info| info.reason);
        let ended_well = status.code() == Code::Ok;
        Some(Seen::End(
            (!ended_well).then(|| (status.code(), reason.unwrap_or_default())),
        ))
    }
}

pub(crate) fn failed(code: Code, reason: &str) -> Seen {
    Seen::End(Some((code, reason.to_owned())))
}

pub(crate) const BOTH: [How; 2] = [How::Events, How::GrpcWeb];
