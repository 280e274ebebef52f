//! gRPC in, gRPC out.

use std::sync::Arc;

use covergen_chassis::{client_info, principal, reply};
use covergen_ids::{SessionId, UserId};
use covergen_proto::auth::v1::auth_service_server::AuthService;
use covergen_proto::auth::v1::{
    AuthTokens, CreateUserRequest, GetIdentityRequest, GetJwksRequest, GetSessionRequest, Identity,
    IssueTokenRequest, IssueTokenResponse, Jwks, ListSessionsRequest, ListSessionsResponse,
    LoginRequest, LogoutRequest, LogoutResponse, RefreshRequest, RegisterRequest,
    RevokeSessionRequest, Session,
};
use covergen_proto::wkt::Timestamp;
use tonic::{Request, Response, Status};

use crate::app::{App, SessionView};
use crate::error::Error;
use crate::store::entity::account;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AuthService for Api {
    async fn register(&self, request: Request<RegisterRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        let tokens = self.0.register(request.into_inner(), client).await;
        Ok(Response::new(tokens.map_err(reply)?))
    }

    async fn login(&self, request: Request<LoginRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        let tokens = self.0.login(request.into_inner(), client).await;
        Ok(Response::new(tokens.map_err(reply)?))
    }

    async fn refresh(&self, request: Request<RefreshRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        let tokens = self.0.refresh(request.into_inner(), client).await;
        Ok(Response::new(tokens.map_err(reply)?))
    }

    async fn logout(&self, request: Request<LogoutRequest>) -> Answer<LogoutResponse> {
        self.0.logout(request.into_inner()).await.map_err(reply)?;
        Ok(Response::new(LogoutResponse {}))
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Answer<ListSessionsResponse> {
        let caller = principal()?;
        let listed = self.0.list_sessions(&caller, request.get_ref()).await;
        let (sessions, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListSessionsResponse {
            sessions: sessions.into_iter().map(encode_session).collect(),
            next_page_token,
        }))
    }

    async fn get_session(&self, request: Request<GetSessionRequest>) -> Answer<Session> {
        let caller = principal()?;
        let id = session_id(&request.get_ref().session_id)?;
        let session = self.0.get_session(&caller, id).await.map_err(reply)?;
        Ok(Response::new(encode_session(session)))
    }

    async fn revoke_session(&self, request: Request<RevokeSessionRequest>) -> Answer<Session> {
        let caller = principal()?;
        let id = session_id(&request.get_ref().session_id)?;
        let session = self.0.revoke_session(&caller, id).await.map_err(reply)?;
        Ok(Response::new(encode_session(session)))
    }

    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Answer<Jwks> {
        Ok(Response::new(self.0.get_jwks()))
    }

    async fn get_identity(&self, request: Request<GetIdentityRequest>) -> Answer<Identity> {
        let id: UserId = request.get_ref().user_id.parse().map_err(|error| {
            reply(Error::Invalid {
                field: "userId",
                problem: format!("{error}"),
            })
        })?;
        let (account, roles) = self.0.get_identity(id).await.map_err(reply)?;
        let roles = roles.iter().map(ToString::to_string).collect();
        Ok(Response::new(encode_identity(account, roles)))
    }

    async fn create_user(&self, request: Request<CreateUserRequest>) -> Answer<Identity> {
        let request = request.into_inner();
        let role = request.role.parse().map_err(|error| {
            reply(Error::Invalid {
                field: "role",
                problem: format!("{error}"),
            })
        })?;
        let roles = vec![request.role.clone()];
        let account = self.0.create_user(request, role).await.map_err(reply)?;
        Ok(Response::new(encode_identity(account, roles)))
    }

    async fn issue_token(&self, request: Request<IssueTokenRequest>) -> Answer<IssueTokenResponse> {
        let issued = self.0.issue_token(&request.get_ref().email).await;
        Ok(Response::new(IssueTokenResponse {
            access_token: issued.map_err(reply)?,
            expires_in: i32::try_from(covergen_identity::ACCESS_TOKEN_SECONDS).unwrap_or(i32::MAX),
        }))
    }
}

fn session_id(text: &str) -> Result<SessionId, Status> {
    text.parse().map_err(|error| {
        reply(Error::Invalid {
            field: "sessionId",
            problem: format!("{error}"),
        })
    })
}

fn encode_session(view: SessionView) -> Session {
    Session {
        id: view.session.id.to_string(),
        create_time: Some(timestamp(view.session.created_at_ms)),
        last_seen_time: Some(timestamp(view.session.last_seen_ms)),
        expire_time: Some(timestamp(
            view.session.idle_until_ms.min(view.session.expires_at_ms),
        )),
        ip_address: view.session.ip_address,
        user_agent: view.session.user_agent,
        current: view.current,
    }
}

fn encode_identity(account: account::Model, roles: Vec<String>) -> Identity {
    Identity {
        user_id: account.id.to_string(),
        workspace_id: account.workspace_id.to_string(),
        email: account.email,
        display_name: account.display_name,
        create_time: Some(timestamp(account.created_at_ms)),
        roles,
    }
}

fn timestamp(unix_ms: i64) -> Timestamp {
    covergen_chassis::timestamp(unix_ms)
}
