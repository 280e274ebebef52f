//! The services that template calls.

use covergen_identity::Principal;
use covergen_ids::AssetId;
use covergen_mesh::Channel;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use covergen_proto::media::v1::{GetAssetRequest, media_service_client};
use covergen_proto::safety::v1::safety_service_client::SafetyServiceClient;
use covergen_proto::safety::v1::{CheckTextRequest, safety_service_client};
use covergen_proto::user::v1::user_service_client::UserServiceClient;
use covergen_proto::user::v1::{Entitlements, GetEntitlementsRequest, user_service_client};
use tonic::Code;

use crate::error::Error;

/// One client each; cheap to clone.
#[derive(Clone)]
pub(crate) struct Peers {
    user: UserServiceClient<Channel>,
    safety: SafetyServiceClient<Channel>,
    media: MediaServiceClient<Channel>,
}

impl Peers {
    pub(crate) fn new(channel: impl Fn(&str) -> Channel) -> Self {
        Self {
            user: user_service_client(channel("user")),
            safety: safety_service_client(channel("safety")),
            media: media_service_client(channel("media")),
        }
    }

    /// What a person's tier allows.
    pub(crate) async fn entitlements(&self, who: &Principal) -> Result<Entitlements, Error> {
        let request = GetEntitlementsRequest {
            user_id: who.user_id.to_string(),
        };
        let answer = self.user.clone().get_entitlements(request).await?;
        Ok(answer.into_inner())
    }

    /// Refuses people whose tier goes without custom templates.
    pub(crate) async fn need_custom_templates(&self, who: &Principal) -> Result<(), Error> {
        if self.entitlements(who).await?.custom_templates {
            Ok(())
        } else {
            Err(Error::no_custom_templates())
        }
    }

    /// Refuses people whose tier goes without brand kits.
    pub(crate) async fn need_brand_kits(&self, who: &Principal) -> Result<(), Error> {
        if self.entitlements(who).await?.brand_kits {
            Ok(())
        } else {
            Err(Error::no_brand_kits())
        }
    }

    /// Refuses texts that must not stand on a cover.
    pub(crate) async fn need_clean(&self, texts: Vec<String>) -> Result<(), Error> {
        let request = CheckTextRequest {
            texts,
            ..CheckTextRequest::default()
        };
        let verdict = self.safety.clone().check_text(request).await?.into_inner();
        if !verdict.flagged {
            return Ok(());
        }
        let worst = verdict.matches.into_iter().next().unwrap_or_default();
        Err(Error::ContentBlocked {
            category: worst.category,
            rule_id: worst.rule_id,
        })
    }

    /// Refuses an asset that the caller's workspace does not have.
    pub(crate) async fn need_asset(&self, field: &str, id: AssetId) -> Result<(), Error> {
        let request = GetAssetRequest {
            asset_id: id.to_string(),
        };
        match self.media.clone().get_asset(request).await {
            Ok(_) => Ok(()),
            Err(status) if status.code() == Code::NotFound => {
                Err(Error::invalid(field, "there is no such image"))
            }
            Err(status) => Err(status.into()),
        }
    }
}
