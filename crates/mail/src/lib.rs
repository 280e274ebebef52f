//! Mail by SMTP, or into a folder of `.eml` files where no SMTP is set.
//!
//! Invariants: a mail is one recipient's; a header never holds what a mail's
//! author did not mean as one (lettre refuses line breaks); an error never
//! names the recipient or the text.
//!
//! Modules in reading order: `config`, `mail`, `mailer`.

mod config;
mod mail;
mod mailer;

pub use config::Config;
pub use mail::Mail;
pub use mailer::{Error, Mailer};
