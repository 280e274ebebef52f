//! Reading and writing the session's cookies.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Cookies larger than this are not tokens of ours.
const MAX_TOKEN_BYTES: usize = 3_500;

/// The cookies of one request, and the names they go by here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jar<'a> {
    headers: &'a HeaderMap,
    secure: bool,
}

impl<'a> Jar<'a> {
    pub(crate) fn new(headers: &'a HeaderMap, secure: bool) -> Self {
        Self { headers, secure }
    }

    /// The access token.
    pub(crate) fn session(&self) -> Option<&'a str> {
        self.get(session_name(self.secure))
    }

    /// The refresh token; browsers send it to two routes only.
    pub(crate) fn refresh(&self) -> Option<&'a str> {
        self.get(refresh_name(self.secure))
    }

    /// A cookie that a contract binds.
    pub(crate) fn bound(&self, name: &str) -> Option<&'a str> {
        self.get(&bound_name(name, self.secure))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(known, value)| *known == name && !value.is_empty())
            .map(|(_, value)| value)
    }
}

/// `__Host-` and `__Secure-` make browsers enforce what the name promises;
/// they exist only with Secure, which plain HTTP on loopback cannot have.
fn session_name(secure: bool) -> &'static str {
    if secure {
        "__Host-covergen_session"
    } else {
        "covergen_session"
    }
}

fn refresh_name(secure: bool) -> &'static str {
    if secure {
        "__Secure-covergen_refresh"
    } else {
        "covergen_refresh"
    }
}

fn bound_name(name: &str, secure: bool) -> String {
    if secure {
        format!("__Secure-{name}")
    } else {
        name.to_owned()
    }
}

/// Name of the readable cookie, the same everywhere so that pages find it.
const CSRF_NAME: &str = "covergen_csrf";

/// How the cookies of a session are set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CookieRules {
    pub(crate) secure: bool,
    pub(crate) max_age_seconds: u32,
    pub(crate) refresh_paths: &'static [&'static str],
}

impl CookieRules {
    /// Cookies that open or renew a session. None when a token cannot stand
    /// in a cookie.
    pub(crate) fn open(&self, access: &str, refresh: &str, csrf: &str) -> Option<Vec<HeaderValue>> {
        let fits = |token: &str| {
            !token.is_empty() && token.len() <= MAX_TOKEN_BYTES && token.bytes().all(is_cookie_byte)
        };
        if !fits(access) || !fits(refresh) {
            return None;
        }
        self.write(access, refresh, csrf, self.max_age_seconds)
    }

    /// A cookie that a contract binds; an age of 0 clears it. None when the
    /// value cannot stand in a cookie.
    pub(crate) fn bound(
        &self,
        name: &str,
        value: &str,
        path: &str,
        max_age_seconds: u32,
    ) -> Option<HeaderValue> {
        if value.len() > MAX_TOKEN_BYTES || !value.bytes().all(is_cookie_byte) {
            return None;
        }
        let (name, secure) = (bound_name(name, self.secure), self.secure_mark());
        let line = format!(
            "{name}={value}; Path={path}; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}"
        );
        HeaderValue::from_str(&line).ok()
    }

    fn secure_mark(&self) -> &'static str {
        if self.secure { "; Secure" } else { "" }
    }

    /// Cookies that end a session.
    pub(crate) fn close(&self) -> Vec<HeaderValue> {
        self.write("", "", "", 0).unwrap_or_default()
    }

    fn write(
        &self,
        access: &str,
        refresh: &str,
        csrf: &str,
        max_age: u32,
    ) -> Option<Vec<HeaderValue>> {
        let secure = self.secure_mark();
        let mut lines = vec![
            format!(
                "{}={access}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}",
                session_name(self.secure)
            ),
            format!("{CSRF_NAME}={csrf}; Path=/; Max-Age={max_age}; SameSite=Lax{secure}"),
        ];
        for path in self.refresh_paths {
            lines.push(format!(
                "{}={refresh}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}",
                refresh_name(self.secure)
            ));
        }
        lines
            .into_iter()
            .map(|line| HeaderValue::from_str(&line).ok())
            .collect()
    }
}

/// cookie-octet of RFC 6265.
fn is_cookie_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}
