//! What the generator knows about each RPC, as static data.

use futures::future::BoxFuture;
use http::HeaderMap;

use crate::call::Call;
use crate::edge::USER_TYPE;
use crate::json::Shape;
use crate::problem::Problem;

/// One RPC that the audience may call, by REST or gRPC-web.
#[derive(Debug)]
pub struct Route {
    /// Full name, such as `covergen.cover.v1.CoverService/Generate`.
    pub name: &'static str,
    /// The name with a leading slash: the gRPC path.
    pub grpc_path: &'static str,
    /// Full name of the service.
    pub service: &'static str,
    /// Domain that owns it, such as `cover`: names the backend.
    pub domain: &'static str,
    /// Anybody may call.
    pub public: bool,
    /// Permission that the caller's role must grant; empty: signed in is enough.
    pub permission: &'static str,
    /// API-key scopes, any one of which admits a partner.
    pub scopes: &'static [&'static str],
    /// Only an admin token may call.
    pub admin: bool,
    /// Rate class.
    pub rate: &'static str,
    /// Longest wait for a unary answer, in milliseconds.
    pub deadline_ms: u32,
    /// The answer is a stream.
    pub streaming: bool,
    /// Those who ask the same of the stream watch one of the service.
    pub shared: bool,
    /// HTTP status of success.
    pub status: u16,
    /// How answers may be cached.
    pub cache: Option<CachePolicy>,
    /// What the browser session does with the answer.
    pub session: SessionEffect,
    /// The answer may send the browser elsewhere.
    pub redirects: bool,
    /// How a body becomes a client stream; none for every other RPC.
    pub upload: Option<UploadRules>,
    /// Largest body in bytes; 0 means the configured limit.
    pub body_limit_bytes: usize,
    /// Answers may hold links to other routes.
    pub links: bool,
    /// A stream whose last event seen may be named by the query parameter
    /// `lastEventId` instead of its header.
    pub resumes: bool,
    /// That callers should move on.
    pub deprecation: Option<Deprecation>,
    /// The protocol that requests must speak.
    pub protocol: Option<Protocol>,
    /// Statuses for error reasons whose code's own status will not do.
    pub reason_status: &'static [(&'static str, u16)],
}

/// What callers of a deprecated route are told, as headers.
#[derive(Debug, Clone, Copy)]
pub struct Deprecation {
    /// Value of `Deprecation` (RFC 9745).
    pub deprecation: &'static str,
    /// Value of `Sunset` (RFC 8594); empty: none is set yet.
    pub sunset: &'static str,
    /// Value of `Link`, the guide; empty: there is none.
    pub link: &'static str,
    /// gRPC path of the RPC that takes over; empty: none does.
    pub successor: &'static str,
}

/// One piece of the path that takes over from a deprecated one.
#[derive(Debug, Clone, Copy)]
pub enum PathPiece {
    /// As it stands.
    Text(&'static str),
    /// Segments of the path that was asked for.
    Segments {
        /// First of them.
        start: usize,
        /// One past the last.
        end: usize,
        /// They are a variable of several segments, of any number where they
        /// end the path.
        multiple: bool,
    },
}

/// One of the versions that an audience is offered side by side.
#[derive(Debug)]
pub struct Version {
    /// Prefix of its REST paths, such as `/v2`.
    pub prefix: &'static str,
    /// Its OpenAPI 3.1 document.
    pub openapi: &'static str,
}

impl Route {
    /// An answer that anybody may keep for everybody must not have gone the way
    /// of a group of callers.
    pub(crate) fn same_for_all(&self, headers: &mut HeaderMap) {
        if self.cache.as_ref().is_some_and(|cache| !cache.private) {
            headers.remove(USER_TYPE);
        }
    }
}

/// A protocol over HTTP whose version stands in a header of every request and
/// every answer.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    /// Header that holds the version.
    pub header: &'static str,
    /// The version that is spoken.
    pub version: &'static str,
    /// Header that names it to those who ask, or speak another.
    pub offered: &'static str,
    /// Header that tells the most bytes of an upload; empty: not told.
    pub max_size: &'static str,
    /// Further headers for those who ask, with their texts.
    pub offers: &'static [(&'static str, &'static str)],
}

/// Copies of answers that the BFF itself keeps.
#[derive(Debug, Clone, Copy)]
pub struct Copies {
    /// Longest life of a copy, in seconds.
    pub seconds: u32,
    /// Full names of the events that end it sooner.
    pub purge_on: &'static [&'static str],
}

/// What an upload takes.
#[derive(Debug, Clone, Copy)]
pub struct UploadRules {
    /// Media types, such as `image/png` or `image/*`; empty: every one.
    pub types: &'static [&'static str],
    /// Largest file in bytes, where the configuration names no other.
    pub max_bytes: u64,
    /// Bytes as they are, of exactly these types; no form.
    pub bare: bool,
}

/// How answers of a route may be cached.
#[derive(Debug, Clone, Copy)]
pub struct CachePolicy {
    /// Freshness in seconds.
    pub max_age_seconds: u32,
    /// Only the caller's own cache may keep it.
    pub private: bool,
    /// Request headers that select the answer.
    pub vary: &'static [&'static str],
    /// An ETag is made from the content.
    pub etag: bool,
    /// The answer never changes under its URL.
    pub immutable: bool,
    /// Copies kept at the BFF.
    pub copies: Option<Copies>,
}

/// What a browser session does with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEffect {
    /// Nothing.
    None,
    /// Tokens move from the body into cookies.
    Start,
    /// As start; a missing refresh token is read from its cookie.
    Refresh,
    /// Cookies are cleared; a missing refresh token is read from its cookie.
    End,
}

/// One HTTP verb and path bound to a [`Route`].
#[derive(Debug)]
pub struct Binding {
    /// HTTP method in capitals, or `*` for every one.
    pub method: &'static str,
    /// The path as documented, with the audience's prefix.
    pub path: &'static str,
    /// Its segments.
    pub segments: &'static [Segment],
    /// Custom verb after the last segment, without the colon; empty: none.
    pub verb: &'static str,
    /// Variables, in the order the handler asks for them.
    pub variables: &'static [Variable],
    /// The RPC behind it.
    pub route: &'static Route,
    /// Shape of a JSON answer, for `?fields=`; none when the answer is not JSON.
    pub answer: Option<&'static Shape>,
    /// The path that takes over, where the route is deprecated; empty: none.
    pub successor: &'static [PathPiece],
    /// The generated handler.
    pub handler: Handler,
}

/// A generated handler: decodes, calls, encodes.
pub type Handler = fn(Call) -> BoxFuture<'static, Result<axum::response::Response, Problem>>;

/// One segment of a path template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Itself.
    Literal(&'static str),
    /// Any one segment.
    Any,
    /// Any number of segments, even none; only at the end.
    Rest,
}

/// A variable of a path template.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Name for error texts, in lowerCamelCase.
    pub name: &'static str,
    /// First segment it covers.
    pub start: usize,
    /// One past the last segment it covers.
    pub end: usize,
    /// It may cover several segments, so `%2F` stays as written in it.
    pub multiple: bool,
}

/// Everything the generator wrote for one audience.
#[derive(Debug)]
pub struct Surface {
    /// Name of the audience in lower case.
    pub audience: &'static str,
    /// Prefix of the REST paths of its default version, such as `/api/v1`.
    pub prefix: &'static str,
    /// Answers hold links unless the caller asks for none.
    pub links_by_default: bool,
    /// REST bindings.
    pub bindings: &'static [Binding],
    /// RPCs that gRPC-web may reach, sorted by gRPC path.
    pub rpcs: &'static [&'static Route],
    /// Domains that the routes need, sorted.
    pub domains: &'static [&'static str],
    /// Paths that the refresh-token cookie is sent to.
    pub refresh_paths: &'static [&'static str],
    /// The OpenAPI 3.1 document of the default version.
    pub openapi: &'static str,
    /// All versions, the default first.
    pub versions: &'static [Version],
}

impl Surface {
    /// Whether a path belongs to the API, known or not.
    pub(crate) fn is_api(&self, path: &str) -> bool {
        let mut versions = self.versions.iter();
        versions.any(|version| {
            let rest = path.strip_prefix(version.prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The RPC with this gRPC path, if the audience has it.
    #[must_use]
    pub fn rpc(&self, grpc_path: &str) -> Option<&'static Route> {
        self.rpcs
            .binary_search_by(|route| route.grpc_path.cmp(grpc_path))
            .ok()
            .map(|at| self.rpcs[at])
    }
}
