use covergen_chassis::{client_info, principal};
use covergen_proto::auth::v1::o_auth_service_server::OAuthService;
use covergen_proto::auth::v1::{
    FinishOAuthRequest, LinkProviderRequest, ListLinksRequest, ListLinksResponse,
    ListProvidersRequest, ListProvidersResponse, OAuthFinish, OAuthStart, Provider,
    StartOAuthRequest, UnlinkProviderRequest, UnlinkProviderResponse,
};
use tonic::{Request, Response};

use super::{Answer, Api, answer};
use crate::app::Started;

fn start(started: Started) -> OAuthStart {
    OAuthStart {
        authorization_url: started.authorization_url,
        browser_key: started.browser_key,
    }
}

#[tonic::async_trait]
impl OAuthService for Api {
    async fn list_providers(
        &self,
        _: Request<ListProvidersRequest>,
    ) -> Answer<ListProvidersResponse> {
        let providers = self.0.providers.all().map(|provider| Provider {
            id: provider.id.clone(),
            name: provider.name.clone(),
        });
        Ok(Response::new(ListProvidersResponse {
            providers: providers.collect(),
        }))
    }

    async fn start_o_auth(&self, request: Request<StartOAuthRequest>) -> Answer<OAuthStart> {
        answer(self.0.start_oauth(request.get_ref()).await.map(start))
    }

    async fn link_provider(&self, request: Request<LinkProviderRequest>) -> Answer<OAuthStart> {
        let caller = principal()?;
        let started = self.0.link_provider(&caller, request.get_ref()).await;
        answer(started.map(start))
    }

    async fn finish_o_auth(&self, request: Request<FinishOAuthRequest>) -> Answer<OAuthFinish> {
        let client = client_info(&request);
        let finished = self.0.finish_oauth(request.get_ref(), client).await;
        Ok(Response::new(OAuthFinish {
            location: finished.location,
            access_token: finished.tokens.access_token,
            refresh_token: finished.tokens.refresh_token,
        }))
    }

    async fn list_links(&self, _: Request<ListLinksRequest>) -> Answer<ListLinksResponse> {
        let links = self.0.list_links(&principal()?).await;
        answer(links.map(|links| ListLinksResponse { links }))
    }

    async fn unlink_provider(
        &self,
        request: Request<UnlinkProviderRequest>,
    ) -> Answer<UnlinkProviderResponse> {
        let caller = principal()?;
        answer(self.0.unlink_provider(&caller, request.into_inner()).await)
    }
}
