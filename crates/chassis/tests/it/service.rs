//! A small service under the contract of auth, which has a public, a permitted
//! and an internal method.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use covergen_chassis::{
    BoxError, ClientInfo, Context, Harness, Service, Wiring, client_info, facts, principal,
    service_name,
};
use covergen_ids::{SessionId, UserId, WorkspaceId};
use covergen_mesh::{Channel, ClientHooks, Mesh, MeshConfig, OutgoingCall, TokenSource};
use covergen_proto::auth::v1::auth_service_client::AuthServiceClient;
use covergen_proto::auth::v1::auth_service_server::AuthService;
use covergen_proto::auth::v1::*;
use covergen_store::EventDraft;
use tokio::sync::Semaphore;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;

pub(crate) type Client = AuthServiceClient<Channel>;

/// What the service saw, and when it may answer.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) client: Arc<Mutex<Option<ClientInfo>>>,
    /// Calls of `Refresh` at work.
    pub(crate) arrived: Arc<Semaphore>,
    /// They wait for permits of this.
    pub(crate) gate: Arc<Semaphore>,
}

impl Probe {
    pub(crate) fn new() -> Self {
        Self {
            client: Arc::default(),
            arrived: Arc::new(Semaphore::new(0)),
            gate: Arc::new(Semaphore::new(0)),
        }
    }

    /// The service under a name; its event stream is called so as well.
    pub(crate) fn service(&self, name: &'static str) -> Service {
        let probe = self.clone();
        Service::new(name, move |context: Context| async move {
            let api = Api { probe, context };
            Ok::<_, BoxError>(Wiring::new().grpc(auth_service(api)))
        })
    }
}

struct Api {
    probe: Probe,
    context: Context,
}

type Answer<T> = Result<Response<T>, Status>;

fn unused<T>() -> Answer<T> {
    Err(Status::unimplemented("not part of the probe"))
}

#[tonic::async_trait]
impl AuthService for Api {
    /// Public: tells whom it takes its caller for.
    async fn login(&self, request: Request<LoginRequest>) -> Answer<AuthTokens> {
        *self.probe.client.lock().unwrap() = Some(client_info(&request));
        let session_id =
            principal().map_or_else(|_| "nobody".to_owned(), |caller| caller.user_id.to_string());
        Ok(Response::new(AuthTokens {
            session_id,
            ..AuthTokens::default()
        }))
    }

    /// Permitted: answers whoever may ask.
    async fn list_sessions(&self, _: Request<ListSessionsRequest>) -> Answer<ListSessionsResponse> {
        principal()?;
        Ok(Response::new(ListSessionsResponse::default()))
    }

    /// Internal: answers named services.
    async fn get_identity(&self, _: Request<GetIdentityRequest>) -> Answer<Identity> {
        Ok(Response::new(Identity {
            display_name: service_name().unwrap_or_default(),
            ..Identity::default()
        }))
    }

    /// Slow: waits until it may answer.
    async fn refresh(&self, _: Request<RefreshRequest>) -> Answer<AuthTokens> {
        self.probe.arrived.add_permits(1);
        self.probe.gate.acquire().await.unwrap().forget();
        Ok(Response::new(AuthTokens::default()))
    }

    /// Emits that the session which the token names has ended.
    async fn logout(&self, request: Request<LogoutRequest>) -> Answer<LogoutResponse> {
        let session: SessionId = request.get_ref().refresh_token.parse().unwrap();
        let user = UserId::new(&self.context.clock);
        let event = SessionRevoked {
            user_id: user.to_string(),
            session_id: session.to_string(),
            method: "logout".to_owned(),
        };
        let tx = self.context.store.begin().await.unwrap();
        let draft = EventDraft::new(&user, WorkspaceId::SYSTEM, &event);
        tx.emit(draft).await.unwrap();
        tx.commit().await.unwrap();
        Ok(Response::new(LogoutResponse {}))
    }

    async fn register(&self, _: Request<RegisterRequest>) -> Answer<AuthTokens> {
        unused()
    }
    async fn get_session(&self, _: Request<GetSessionRequest>) -> Answer<Session> {
        unused()
    }
    async fn revoke_session(&self, _: Request<RevokeSessionRequest>) -> Answer<Session> {
        unused()
    }
    async fn end_other_sessions(
        &self,
        _: Request<EndOtherSessionsRequest>,
    ) -> Answer<EndOtherSessionsResponse> {
        unused()
    }
    async fn forgot_password(
        &self,
        _: Request<ForgotPasswordRequest>,
    ) -> Answer<ForgotPasswordResponse> {
        unused()
    }
    async fn reset_password(
        &self,
        _: Request<ResetPasswordRequest>,
    ) -> Answer<ResetPasswordResponse> {
        unused()
    }
    async fn change_password(
        &self,
        _: Request<ChangePasswordRequest>,
    ) -> Answer<ChangePasswordResponse> {
        unused()
    }
    async fn verify_email(&self, _: Request<VerifyEmailRequest>) -> Answer<VerifyEmailResponse> {
        unused()
    }
    async fn send_verification(
        &self,
        _: Request<SendVerificationRequest>,
    ) -> Answer<SendVerificationResponse> {
        unused()
    }
    async fn reauthenticate(
        &self,
        _: Request<ReauthenticateRequest>,
    ) -> Answer<ReauthenticateResponse> {
        unused()
    }
    async fn get_account(&self, _: Request<GetAccountRequest>) -> Answer<Account> {
        unused()
    }
    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Answer<Jwks> {
        unused()
    }
    async fn create_user(&self, _: Request<CreateUserRequest>) -> Answer<Identity> {
        unused()
    }
    async fn issue_token(&self, _: Request<IssueTokenRequest>) -> Answer<IssueTokenResponse> {
        unused()
    }
}

pub(crate) fn client(channel: Channel) -> Client {
    auth_service_client(channel)
}

pub(crate) fn login() -> LoginRequest {
    LoginRequest {
        email: "ada@example.org".to_owned(),
        password: "correct horse".to_owned(),
    }
}

/// Ends a session as far as the others are concerned.
pub(crate) async fn end_session(harness: &Harness, target: &str, session: SessionId) {
    let request = LogoutRequest {
        refresh_token: session.to_string(),
    };
    let mut calling = client(harness.as_anonymous(target));
    calling.logout(request).await.unwrap();
}

/// A caller that sends this Authorization header and nothing else.
pub(crate) fn sending(harness: &Harness, header: &str, mesh: MeshConfig) -> Client {
    let hooks = ClientHooks::new(facts).with_tokens(Arc::new(Header(header.to_owned())));
    let mesh = Mesh::new(mesh, harness.hosted().registry(), "test", hooks).unwrap();
    client(mesh.channel("auth"))
}

struct Header(String);

impl TokenSource for Header {
    fn token(&self, _: &OutgoingCall<'_>) -> Result<Option<http::HeaderValue>, Status> {
        let value = http::HeaderValue::try_from(self.0.as_str());
        value
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

/// Checks a refusal by code and stable reason.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: &str) {
    let status = answer.unwrap_err();
    let found = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    assert_eq!(
        (status.code(), found.as_str()),
        (code, reason),
        "{status:?}"
    );
}

/// Polls a condition on the real system.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
