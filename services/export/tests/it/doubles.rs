//! cover and user at the wire: just the two answers that export asks for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use covergen_chassis::{Service, Wiring, principal};
use covergen_proto::cover::v1::{self as cover, cover_service, cover_service_server};
use covergen_proto::google::api::HttpBody;
use covergen_proto::user::v1::{self as user, user_service, user_service_server};
use futures::stream::BoxStream;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// What the doubles know; shared with the test, and across restarts.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<Facts>>);

#[derive(Default)]
struct Facts {
    designs: HashMap<String, cover::Design>,
    paid: bool,
}

impl Known {
    /// Adds a cover.
    pub(crate) fn add(&self, design: cover::Design) {
        let mut facts = self.0.lock().unwrap();
        facts.designs.insert(design.cover_id.clone(), design);
    }

    /// Removes every cover.
    pub(crate) fn forget_covers(&self) {
        self.0.lock().unwrap().designs.clear();
    }

    /// From now on everybody pays.
    pub(crate) fn everybody_pays(&self) {
        self.0.lock().unwrap().paid = true;
    }

    /// The doubles as services.
    pub(crate) fn services(&self) -> Vec<Service> {
        let (covers, users) = (self.clone(), self.clone());
        vec![
            Service::new("cover", |_| async {
                Ok(Wiring::new().grpc(cover_service(covers)))
            }),
            Service::new("user", |_| async {
                Ok(Wiring::new().grpc(user_service(users)))
            }),
        ]
    }

    fn design(&self, id: &str) -> Result<cover::Design, Status> {
        let workspace = principal()?.workspace_id.to_string();
        let facts = self.0.lock().unwrap();
        facts
            .designs
            .get(id)
            .filter(|design| design.workspace_id == workspace)
            .cloned()
            .ok_or_else(|| Status::not_found("there is no such cover"))
    }
}

/// Implements a service with one RPC; the others are not there.
macro_rules! double {
    (
        $server:path,
        $(stream $stream:ident = $item:ty,)*
        fn $method:ident($this:ident, $request:ident: $input:ty) -> $output:ty $body:block
        $($other:ident: $other_input:ty => $other_output:ty,)*
    ) => {
        #[tonic::async_trait]
        impl $server for Known {
            $(type $stream = BoxStream<'static, Result<$item, Status>>;)*

            async fn $method(&self, request: Request<$input>) -> Answer<$output> {
                let ($this, $request) = (self, request.into_inner());
                $body
            }

            $(async fn $other(&self, _: Request<$other_input>) -> Answer<$other_output> {
                Err(Status::unimplemented("not in this double"))
            })*
        }
    };
}

double! {
    cover_service_server::CoverService,
    stream WatchTaskStream = cover::CoverTask,
    fn get_design(known, request: cover::GetDesignRequest) -> cover::Design {
        known.design(&request.cover_id).map(Response::new)
    }
    generate: cover::GenerateRequest => cover::GenerateResponse,
    preview: cover::PreviewRequest => HttpBody,
    get_task: cover::GetTaskRequest => cover::CoverTask,
    watch_task: cover::WatchTaskRequest => Self::WatchTaskStream,
    cancel_task: cover::CancelTaskRequest => cover::CoverTask,
    list_covers: cover::ListCoversRequest => cover::ListCoversResponse,
    get_cover: cover::GetCoverRequest => cover::Cover,
}

double! {
    user_service_server::UserService,
    fn get_entitlements(known, _request: user::GetEntitlementsRequest) -> user::Entitlements {
        Ok(Response::new(user::Entitlements {
            watermark: !known.0.lock().unwrap().paid,
            ..user::Entitlements::default()
        }))
    }
    get_user: user::GetUserRequest => user::User,
    update_user: user::UpdateUserRequest => user::User,
    get_quota: user::GetQuotaRequest => user::Quota,
    consume_quota: user::ConsumeQuotaRequest => user::Quota,
    list_workspaces: user::ListWorkspacesRequest => user::ListWorkspacesResponse,
    reserve_quota: user::ReserveQuotaRequest => user::Reservation,
    confirm_reservation: user::ConfirmReservationRequest => user::Reservation,
    commit_quota: user::CommitQuotaRequest => user::Reservation,
    release_quota: user::ReleaseQuotaRequest => user::Reservation,
    refund_quota: user::RefundQuotaRequest => user::Reservation,
    set_tier: user::SetTierRequest => user::User,
}
