use lettre::message::{Mailbox, Message, header::ContentType};

use crate::Error;

/// A plain-text mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Names the mail: of two with one id a folder keeps one, and an SMTP
    /// server can tell that the second is the first again. Letters, digits,
    /// `_` and `-`.
    pub id: String,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Mail {
    /// The mail as it travels (RFC 5322).
    pub(crate) fn message(&self, from: &Mailbox) -> Result<Message, Error> {
        let plain_id = !self.id.is_empty()
            && self
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !plain_id {
            return Err(Error::Unsendable("its id"));
        }
        let to: Mailbox = self
            .to
            .parse()
            .map_err(|_| Error::Unsendable("its recipient"))?;
        Message::builder()
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            .from(from.clone())
            .to(to)
            .subject(self.subject.as_str())
            .header(ContentType::TEXT_PLAIN)
            // Nobody answers a machine, and no machine should (RFC 3834).
            .raw_header(lettre::message::header::HeaderValue::new(
                lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .body(self.text.clone())
            .map_err(|_| Error::Unsendable("its text"))
    }
}
