//! Whose each call is, where one server answers for several services.

use std::sync::Arc;

use crate::by_name::ByName;

/// The name that metrics and spans give a call's service. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Owners {
    /// Of the server as a whole: health, reflection, what nobody knows.
    server: Arc<str>,
    by_service: Arc<ByName<String, Arc<str>>>,
}

impl Owners {
    pub(crate) fn new(server: &str, by_service: &Arc<ByName<String, Arc<str>>>) -> Self {
        Self {
            server: Arc::from(server),
            by_service: Arc::clone(by_service),
        }
    }

    /// The service that a path such as `/package.Service/Method` belongs to.
    pub(crate) fn of(&self, path: &str) -> &Arc<str> {
        let service = path.split('/').nth(1).unwrap_or_default();
        self.by_service.get(service).unwrap_or(&self.server)
    }
}
