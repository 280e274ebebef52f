use covergen_chassis::{client_info, principal};
use covergen_proto::auth::v1::mfa_service_server::MfaService;
use covergen_proto::auth::v1::{
    AuthTokens, ConfirmTotpRequest, EnrollTotpRequest, RecoveryCodes, RemoveTotpRequest,
    RemoveTotpResponse, RenewRecoveryCodesRequest, TotpEnrollment, VerifyMfaRequest,
};
use tonic::Request;

use super::{Answer, Api, answer};

#[tonic::async_trait]
impl MfaService for Api {
    async fn enroll_totp(&self, _: Request<EnrollTotpRequest>) -> Answer<TotpEnrollment> {
        answer(self.0.enroll_totp(&principal()?).await)
    }

    async fn confirm_totp(&self, request: Request<ConfirmTotpRequest>) -> Answer<RecoveryCodes> {
        let caller = principal()?;
        answer(self.0.confirm_totp(&caller, request.into_inner()).await)
    }

    async fn remove_totp(&self, request: Request<RemoveTotpRequest>) -> Answer<RemoveTotpResponse> {
        let caller = principal()?;
        answer(self.0.remove_totp(&caller, request.into_inner()).await)
    }

    async fn renew_recovery_codes(
        &self,
        request: Request<RenewRecoveryCodesRequest>,
    ) -> Answer<RecoveryCodes> {
        let caller = principal()?;
        let renewed = self.0.renew_recovery_codes(&caller, request.into_inner());
        answer(renewed.await)
    }

    async fn verify_mfa(&self, request: Request<VerifyMfaRequest>) -> Answer<AuthTokens> {
        let client = client_info(&request);
        answer(self.0.verify_mfa(request.into_inner(), client).await)
    }
}
