//! The services that user calls.

use covergen_ids::UserId;
use covergen_mesh::Channel;
use covergen_proto::auth::v1::auth_service_client::AuthServiceClient;
use covergen_proto::auth::v1::{GetIdentityRequest, Identity};
use tonic::{Code, Status};

/// auth, which knows the name and e-mail an account was opened with.
#[derive(Clone)]
pub(crate) struct Auth(AuthServiceClient<Channel>);

impl Auth {
    pub(crate) fn new(channel: Channel) -> Self {
        Self(covergen_proto::auth::v1::auth_service_client(channel))
    }

    /// What auth knows of an account; `None` when there is no such account.
    pub(crate) async fn identity(&self, user: UserId) -> Result<Option<Identity>, Status> {
        let request = GetIdentityRequest {
            user_id: user.to_string(),
        };
        match self.0.clone().get_identity(request).await {
            Ok(identity) => Ok(Some(identity.into_inner())),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }
}
