//! As much of a browser as a provider's pages need: cookies, and redirects
//! that are followed one by one.

use std::collections::BTreeMap;

use reqwest::redirect::Policy;
use url::Url;

pub(crate) struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

/// What a page answered.
pub(crate) struct Page {
    pub(crate) location: Option<Url>,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, url: &Url) -> Page {
        let request = self.client.get(url.clone());
        self.send(url, request).await
    }

    pub(crate) async fn post(&mut self, url: &Url, form: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .client
            .post(url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        self.send(url, request).await
    }

    async fn send(&mut self, url: &Url, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer
            .headers()
            .get("location")
            .map(|value| url.join(value.to_str().unwrap()).unwrap());
        Page {
            location,
            text: answer.text().await.unwrap(),
        }
    }

    /// Goes where a provider sends it, signing in and agreeing on the way,
    /// until it is sent to an address that begins with `home`.
    pub(crate) async fn sign_in(&mut self, start: &Url, login: &str, home: &str) -> Url {
        let mut url = start.clone();
        for _ in 0..20 {
            let page = self.get(&url).await;
            let next = match page.location {
                Some(next) => next,
                None => self.submit(&url, &page.text, login).await,
            };
            if next.as_str().starts_with(home) {
                return next;
            }
            url = next;
        }
        panic!("the provider does not send the browser home: {url}");
    }

    /// Fills in the form of oidc-provider's own pages.
    async fn submit(&mut self, url: &Url, text: &str, login: &str) -> Url {
        let prompt = if text.contains(r#"value="login""#) {
            "login"
        } else {
            "consent"
        };
        let action = text
            .split("action=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_else(|| panic!("no form: {text}"));
        let action = url.join(action).unwrap();
        let form = [("prompt", prompt), ("login", login), ("password", "any")];
        let page = self.post(&action, &form).await;
        page.location
            .unwrap_or_else(|| panic!("the form was refused: {}", page.text))
    }
}
