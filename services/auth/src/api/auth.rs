use covergen_chassis::{client_info, principal, reply};
use covergen_proto::auth::v1::auth_service_server::AuthService;
use covergen_proto::auth::v1::{
    Account, AuthTokens, ChangePasswordRequest, ChangePasswordResponse, CreateUserRequest,
    EndOtherSessionsRequest, EndOtherSessionsResponse, ForgotPasswordRequest,
    ForgotPasswordResponse, GetAccountRequest, GetIdentityRequest, GetJwksRequest,
    GetSessionRequest, Identity, IssueTokenRequest, IssueTokenResponse, Jwks, ListSessionsRequest,
    ListSessionsResponse, LoginRequest, LogoutRequest, LogoutResponse, ReauthenticateRequest,
    ReauthenticateResponse, RefreshRequest, RegisterRequest, ResetPasswordRequest,
    ResetPasswordResponse, RevokeSessionRequest, SendVerificationRequest, SendVerificationResponse,
    Session, VerifyEmailRequest, VerifyEmailResponse,
};
use tonic::{Request, Response};

use super::{Answer, Api, answer, encode, id};

#[tonic::async_trait]
impl AuthService for Api {
    async fn register(&self, request: Request<RegisterRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        answer(self.0.register(request.into_inner(), client).await)
    }

    async fn login(&self, request: Request<LoginRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        answer(self.0.login(request.into_inner(), client).await)
    }

    async fn refresh(&self, request: Request<RefreshRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        answer(self.0.refresh(request.into_inner(), client).await)
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
            sessions: sessions.into_iter().map(encode::session).collect(),
            next_page_token,
        }))
    }

    async fn get_session(&self, request: Request<GetSessionRequest>) -> Answer<Session> {
        let caller = principal()?;
        let session = id("sessionId", &request.get_ref().session_id)?;
        let session = self.0.get_session(&caller, session).await;
        answer(session.map(encode::session))
    }

    async fn revoke_session(&self, request: Request<RevokeSessionRequest>) -> Answer<Session> {
        let caller = principal()?;
        let session = id("sessionId", &request.get_ref().session_id)?;
        let session = self.0.revoke_session(&caller, session).await;
        answer(session.map(encode::session))
    }

    async fn end_other_sessions(
        &self,
        _: Request<EndOtherSessionsRequest>,
    ) -> Answer<EndOtherSessionsResponse> {
        let ended = self.0.end_other_sessions(&principal()?).await;
        answer(ended.map(|count| EndOtherSessionsResponse {
            ended: i32::try_from(count).unwrap_or(i32::MAX),
        }))
    }

    async fn forgot_password(
        &self,
        request: Request<ForgotPasswordRequest>,
    ) -> Answer<ForgotPasswordResponse> {
        answer(self.0.forgot_password(request.into_inner()).await)
    }

    async fn reset_password(
        &self,
        request: Request<ResetPasswordRequest>,
    ) -> Answer<ResetPasswordResponse> {
        answer(self.0.reset_password(request.into_inner()).await)
    }

    async fn change_password(
        &self,
        request: Request<ChangePasswordRequest>,
    ) -> Answer<ChangePasswordResponse> {
        let caller = principal()?;
        answer(self.0.change_password(&caller, request.into_inner()).await)
    }

    async fn verify_email(
        &self,
        request: Request<VerifyEmailRequest>,
    ) -> Answer<VerifyEmailResponse> {
        answer(self.0.verify_email(request.into_inner()).await)
    }

    async fn send_verification(
        &self,
        request: Request<SendVerificationRequest>,
    ) -> Answer<SendVerificationResponse> {
        let caller = principal()?;
        answer(
            self.0
                .send_verification(&caller, request.into_inner())
                .await,
        )
    }

    async fn reauthenticate(
        &self,
        request: Request<ReauthenticateRequest>,
    ) -> Answer<ReauthenticateResponse> {
        let caller = principal()?;
        answer(self.0.reauthenticate(&caller, request.into_inner()).await)
    }

    async fn get_account(&self, _: Request<GetAccountRequest>) -> Answer<Account> {
        let view = self.0.get_account(&principal()?).await;
        answer(view.map(encode::account))
    }

    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Answer<Jwks> {
        Ok(Response::new(self.0.get_jwks()))
    }

    async fn get_identity(&self, request: Request<GetIdentityRequest>) -> Answer<Identity> {
        let user = id("userId", &request.get_ref().user_id)?;
        let (account, roles) = self.0.get_identity(user).await.map_err(reply)?;
        let roles = roles.iter().map(ToString::to_string).collect();
        Ok(Response::new(encode::identity(account, roles)))
    }

    async fn create_user(&self, request: Request<CreateUserRequest>) -> Answer<Identity> {
        let request = request.into_inner();
        let role = id("role", &request.role)?;
        let roles = vec![request.role.clone()];
        let account = self.0.create_user(request, role).await;
        answer(account.map(|account| encode::identity(account, roles)))
    }

    async fn issue_token(&self, request: Request<IssueTokenRequest>) -> Answer<IssueTokenResponse> {
        let issued = self.0.issue_token(&request.get_ref().email).await;
        answer(issued.map(|access_token| IssueTokenResponse {
            access_token,
            expires_in: i32::try_from(covergen_identity::ACCESS_TOKEN_SECONDS).unwrap_or(i32::MAX),
        }))
    }
}
