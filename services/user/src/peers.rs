//! The services that user calls.

use covergen_chassis::Context;
use covergen_ids::UserId;
use covergen_mesh::Channel;
use covergen_proto::auth::v1::account::Status as AccountStatus;
use covergen_proto::auth::v1::account_service_client::AccountServiceClient;
use covergen_proto::auth::v1::auth_service_client::AuthServiceClient;
use covergen_proto::auth::v1::{GetIdentityRequest, Identity, SetAccountStatusRequest};
use covergen_proto::media::v1::GetAssetRequest;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use serde::Deserialize;
use tonic::{Code, Status, Streaming};

use crate::error::Error;
use crate::store::entity::profile;

/// auth, which knows the name and e-mail an account was opened with, and
/// whether it may be used.
#[derive(Clone)]
pub(crate) struct Auth {
    people: AuthServiceClient<Channel>,
    accounts: AccountServiceClient<Channel>,
}

impl Auth {
    pub(crate) fn new(context: &Context) -> Self {
        use covergen_proto::auth::v1::{account_service_client, auth_service_client};
        Self {
            people: auth_service_client(context.channel("auth")),
            accounts: account_service_client(context.channel("auth")),
        }
    }

    /// What auth knows of an account; `None` when there is no such account.
    pub(crate) async fn identity(&self, user: UserId) -> Result<Option<Identity>, Status> {
        let request = GetIdentityRequest {
            user_id: user.to_string(),
        };
        match self.people.clone().get_identity(request).await {
            Ok(identity) => Ok(Some(identity.into_inner())),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }

    /// Shuts an account or lets it in. The same again changes nothing.
    pub(crate) async fn set_status(
        &self,
        user: UserId,
        status: profile::Status,
        reason: &str,
    ) -> Result<(), Status> {
        let status = match status {
            profile::Status::Active => AccountStatus::Active,
            profile::Status::Inactive => AccountStatus::Inactive,
            profile::Status::Suspended => AccountStatus::Suspended,
        };
        let request = SetAccountStatusRequest {
            user_id: user.to_string(),
            status: status.into(),
            reason: reason.to_owned(),
            request_id: String::new(),
        };
        self.accounts.clone().set_account_status(request).await?;
        Ok(())
    }
}

/// media, which keeps the pictures that people are shown by.
#[derive(Clone)]
pub(crate) struct Media(MediaServiceClient<Channel>);

impl Media {
    pub(crate) fn new(context: &Context) -> Self {
        let channel = context.channel("media");
        Self(covergen_proto::media::v1::media_service_client(channel))
    }

    /// The signed address of an asset of the caller's workspace; `None` when
    /// there is none.
    pub(crate) async fn address(&self, asset_id: &str) -> Result<Option<String>, Status> {
        let request = GetAssetRequest {
            asset_id: asset_id.to_owned(),
        };
        match self.0.clone().get_asset(request).await {
            Ok(asset) => Ok(Some(asset.into_inner().url)),
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                Ok(None)
            }
            Err(status) => Err(status),
        }
    }
}

/// A service that keeps something of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keeper {
    /// Credentials, sessions, keys.
    Auth,
    /// Covers and what was asked for.
    Cover,
    /// Templates and brand kits.
    Template,
    /// Uploads.
    Media,
    /// Violations and appeals.
    Safety,
    /// Prepared files.
    Export,
    /// Notifications, devices, webhooks.
    Notification,
}

impl Keeper {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Auth,
        Self::Cover,
        Self::Template,
        Self::Media,
        Self::Safety,
        Self::Export,
        Self::Notification,
    ];

    /// Its name, which is that of its folder in a copy.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cover => "cover",
            Self::Template => "template",
            Self::Media => "media",
            Self::Safety => "safety",
            Self::Export => "export",
            Self::Notification => "notification",
        }
    }
}

/// Channels to all keepers.
#[derive(Clone)]
pub(crate) struct Keepers(Vec<(Keeper, Channel)>);

impl Keepers {
    pub(crate) fn new(context: &Context, keepers: &[Keeper]) -> Self {
        let channel = |keeper: &Keeper| (*keeper, context.channel(keeper.name()));
        Self(keepers.iter().map(channel).collect())
    }

    /// Each keeper, in order.
    pub(crate) fn each(&self) -> impl Iterator<Item = &(Keeper, Channel)> {
        self.0.iter()
    }
}

/// Pieces of what a keeper keeps of a person.
pub(crate) struct Chunks(Streaming<UserDataChunk>);

impl Chunks {
    /// The next piece; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<UserDataChunk>, Error> {
        Ok(self.0.message().await?)
    }
}

/// What a keeper keeps of a person.
pub(crate) async fn user_data(
    keeper: Keeper,
    channel: Channel,
    user: UserId,
) -> Result<Chunks, Error> {
    use covergen_proto::{auth, cover, export, media, notification, safety, template};
    let request = UserDataRequest {
        user_id: user.to_string(),
    };
    let answer = match keeper {
        Keeper::Auth => {
            let mut client = auth::v1::account_service_client(channel);
            client.export_user_data(request).await
        }
        Keeper::Cover => {
            let mut client = cover::v1::cover_service_client(channel);
            client.export_user_data(request).await
        }
        Keeper::Template => {
            let mut client = template::v1::template_service_client(channel);
            client.export_user_data(request).await
        }
        Keeper::Media => {
            let mut client = media::v1::media_service_client(channel);
            client.export_user_data(request).await
        }
        Keeper::Safety => {
            let mut client = safety::v1::safety_service_client(channel);
            client.export_user_data(request).await
        }
        Keeper::Export => {
            let mut client = export::v1::export_service_client(channel);
            client.export_user_data(request).await
        }
        Keeper::Notification => {
            let mut client = notification::v1::notification_service_client(channel);
            client.export_user_data(request).await
        }
    };
    Ok(Chunks(answer?.into_inner()))
}
