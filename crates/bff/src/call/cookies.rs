//! Cookies that a contract binds to fields.

use http::header::SET_COOKIE;

use super::Call;
use crate::problem::Problem;
use crate::session::Jar;

impl Call {
    /// A cookie bound to a field.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let jar = Jar::new(&self.headers, self.app.config.secure_cookies);
        jar.bound(name).map(str::to_owned)
    }

    /// Sends a field of the answer, the JSON member `member`, as a cookie
    /// instead; an empty value sends none.
    ///
    /// # Errors
    /// When the value cannot stand in a cookie, which is the service's fault.
    pub fn set_cookie(
        &mut self,
        name: &'static str,
        path: &'static str,
        max_age_seconds: u32,
        member: &'static str,
        value: &str,
    ) -> Result<(), Problem> {
        self.omitted.push(member);
        if value.is_empty() {
            return Ok(());
        }
        let cookie = self.app.cookies.bound(name, value, path, max_age_seconds);
        let Some(cookie) = cookie else {
            tracing::error!(
                rpc = self.route().name,
                cookie = name,
                "the value of a cookie does not fit in one"
            );
            return Err(Problem::internal());
        };
        self.answer_headers.push((SET_COOKIE, cookie));
        Ok(())
    }

    /// Clears a cookie.
    pub fn clear_cookie(&mut self, name: &'static str, path: &'static str) {
        let cookie = self.app.cookies.bound(name, "", path, 0);
        let cookie = cookie.map(|cookie| (SET_COOKIE, cookie));
        self.answer_headers.extend(cookie);
    }
}
