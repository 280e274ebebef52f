//! What the browser session does with a request and its answer.

use http::header::SET_COOKIE;

use super::Call;
use crate::problem::Problem;
use crate::session::{Jar, wants_cookies};

/// The tokens of an answer that opens or renews a session.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    /// Access token.
    pub access: &'a str,
    /// Refresh token.
    pub refresh: &'a str,
}

/// JSON names of the members that cookies stand for.
const TOKEN_MEMBERS: &[&str] = &["accessToken", "refreshToken"];

impl Call {
    /// Fills a missing refresh token from its cookie, once the CSRF token
    /// that belongs to the session has been checked.
    ///
    /// # Errors
    /// When the cookie is there but the CSRF token does not fit.
    pub fn refresh_token(&mut self, field: &mut String) -> Result<(), Problem> {
        if !field.is_empty() {
            return Ok(());
        }
        let jar = Jar::new(&self.headers, self.app.config.secure_cookies);
        let Some(refresh) = jar.refresh() else {
            return Ok(());
        };
        // The session cookie lives as long as the refresh cookie, though the
        // token in it expires sooner, so it is still there to bind to.
        self.app
            .sealer
            .check(&self.headers, jar.session().unwrap_or_default())?;
        refresh.clone_into(field);
        self.uses_cookies = true;
        Ok(())
    }

    /// Moves the tokens of an answer into cookies where the page asked for
    /// that; otherwise they stay in the body. An answer without an access
    /// token opens nothing: there is one more step to the sign-in.
    ///
    /// # Errors
    /// When the page asked for cookies and a foreign site caused the request,
    /// or the tokens cannot stand in cookies.
    pub fn open_session(&mut self, tokens: Tokens<'_>) -> Result<(), Problem> {
        if !self.uses_cookies {
            return Ok(());
        }
        self.omitted.extend(TOKEN_MEMBERS);
        if tokens.access.is_empty() {
            return Ok(());
        }
        let csrf = self.app.sealer.token(tokens.access);
        let cookies = self.app.cookies.open(tokens.access, tokens.refresh, &csrf);
        let Some(cookies) = cookies else {
            tracing::error!("the tokens of a session do not fit in cookies");
            return Err(Problem::internal());
        };
        let cookies = cookies.into_iter().map(|cookie| (SET_COOKIE, cookie));
        self.answer_headers.extend(cookies);
        Ok(())
    }

    /// Clears the session's cookies, if it has any.
    pub fn close_session(&mut self) {
        if self.uses_cookies {
            let cookies = self.app.cookies.close();
            let cookies = cookies.into_iter().map(|cookie| (SET_COOKIE, cookie));
            self.answer_headers.extend(cookies);
        }
    }

    /// Settles, before the handler runs, whether the page asked for cookies,
    /// and refuses a foreign page that does. A refresh token that comes from
    /// its cookie settles it too, later.
    ///
    /// A browser that follows a link sends neither the wish nor its origin:
    /// there cookies are always meant, and what shows that this browser began
    /// the flow is a cookie that the contract binds.
    pub(crate) fn settle_cookies(&mut self) -> Result<(), Problem> {
        if self.route().redirects {
            self.uses_cookies = true;
            return Ok(());
        }
        self.uses_cookies = wants_cookies(&self.headers);
        if self.uses_cookies {
            self.app.sealer.check_origin(&self.headers)?;
        }
        Ok(())
    }
}
