//! Which endpoints a target has.

use std::sync::Arc;

use super::endpoint::Endpoint;

/// A source of endpoints: asked for every call, so what it answers may change
/// at any time, and with it where the next call goes.
pub(crate) trait Discover: Send + Sync + 'static {
    /// The endpoints there are now.
    fn endpoints(&self) -> Arc<[Arc<Endpoint>]>;
}

/// The endpoints that configuration lists.
pub(crate) struct StaticList(Arc<[Arc<Endpoint>]>);

impl StaticList {
    pub(crate) fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        Self(endpoints.into_iter().map(Arc::new).collect())
    }
}

impl Discover for StaticList {
    fn endpoints(&self) -> Arc<[Arc<Endpoint>]> {
        Arc::clone(&self.0)
    }
}
