//! Problems as gRPC statuses, for gRPC-web callers.

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use super::Problem;

impl Problem {
    /// The same refusal as a gRPC status with details.
    #[must_use]
    pub fn to_status(&self) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(self.reason(), "covergen", std::collections::HashMap::new());
        if !self.violations().is_empty() {
            let violations: Vec<tonic_types::FieldViolation> = self
                .violations()
                .iter()
                .map(|violation| {
                    tonic_types::FieldViolation::new(&violation.field, &violation.description)
                })
                .collect();
            details.set_bad_request(violations);
        }
        if let Some(delay) = self.0.retry_after {
            details.set_retry_info(Some(delay));
        }
        if let Some(id) = &self.0.request_id {
            details.set_request_info(id, "");
        }
        Status::with_error_details(self.code(), self.detail(), details)
    }
}
