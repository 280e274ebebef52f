use covergen_ids::{UserId, WorkspaceId};

use super::App;
use crate::domain::{Period, period_at};
use crate::error::Error;
use crate::store::entity::{profile, tier};

/// A user as one call meets them: at home, or in the sandbox of their test
/// keys, which is a workspace of its own with a quota of its own. There every
/// cover bears the mark, so that a sandbox is nobody's second month.
pub(crate) struct Acting {
    /// The profile, in the workspace of the call.
    pub(crate) profile: profile::Model,
    /// What is allowed there.
    pub(crate) tier: tier::Model,
    pub(crate) in_sandbox: bool,
}

impl App {
    /// Who a call is for, and what they may do where it is made. Without a
    /// workspace, as for a service's own calls, that is at home.
    pub(crate) async fn acting(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<Acting, Error> {
        let (mut profile, mut tier) = self.get_entitlements(user).await?;
        let sandbox = workspace.filter(|workspace| *workspace != profile.workspace_id);
        if let Some(sandbox) = sandbox {
            profile.workspace_id = sandbox;
            tier.watermark = true;
            tier.covers_per_month = self.config.sandbox_covers_per_month;
        }
        Ok(Acting {
            profile,
            tier,
            in_sandbox: sandbox.is_some(),
        })
    }
}

impl Acting {
    /// The period that an instant falls into, here.
    pub(crate) fn period_at(&self, unix_ms: i64) -> Period {
        let mut period = period_at(unix_ms);
        if self.in_sandbox {
            period.name.push_str("-test");
        }
        period
    }
}
