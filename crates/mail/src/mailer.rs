use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::ExposeSecret as _;

use crate::{Config, Mail};

/// Sends mails.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(Arc<PathBuf>),
    Nowhere,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration makes no sense.
    #[error("mail.{0}")]
    Config(String),
    /// The mail can never be sent: its recipient or text is none.
    #[error("a mail cannot be sent because of {0}")]
    Unsendable(&'static str),
    /// The server refused it for good.
    #[error("the SMTP server refused a mail for good (status {0})")]
    Refused(String),
    /// It may work later.
    #[error("a mail was not sent: {0}")]
    Later(String),
    /// Neither SMTP nor a folder is configured.
    #[error("no mail can be sent: set mail.smtp_url or mail.outbox_dir")]
    Nowhere,
}

impl Error {
    /// Whether sending it again may work.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Later(_) | Self::Nowhere)
    }
}

impl Mailer {
    /// Prepares to send. The server is not spoken to yet.
    ///
    /// # Errors
    /// A key of the configuration makes no sense.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let from = config
            .from
            .parse()
            .map_err(|_| Error::Config("from is no address".to_owned()))?;
        let way = if !config.smtp_url.is_empty() {
            Way::Smtp(smtp(config)?)
        } else if config.outbox_dir.as_os_str().is_empty() {
            Way::Nowhere
        } else {
            Way::Folder(Arc::new(config.outbox_dir.clone()))
        };
        Ok(Self { from, way })
    }

    /// Sends one mail, or writes it to the folder.
    ///
    /// # Errors
    /// [`Error::is_transient`] tells whether sending it again may work.
    pub async fn send(&self, mail: &Mail) -> Result<(), Error> {
        let message = mail.message(&self.from)?;
        match &self.way {
            Way::Nowhere => Err(Error::Nowhere),
            Way::Folder(folder) => write(folder, &mail.id, message.formatted())
                .await
                .map_err(|error| Error::Later(error.to_string())),
            Way::Smtp(transport) => send(transport, message).await,
        }
    }

    /// Whether mails stay where [`Mailer::forget`] finds them.
    #[must_use]
    pub fn keeps_mails(&self) -> bool {
        matches!(self.way, Way::Folder(_))
    }

    /// Removes the mails in the folder whose id begins with `prefix`, for a
    /// person who leaves. What went out by SMTP is out of reach.
    ///
    /// # Errors
    /// [`Error::Later`], when the folder cannot be read or changed.
    pub async fn forget(&self, prefix: &str) -> Result<usize, Error> {
        let Way::Folder(folder) = &self.way else {
            return Ok(0);
        };
        forget(folder, prefix)
            .await
            .map_err(|error| Error::Later(error.to_string()))
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.way {
            Way::Smtp(_) => "Mailer(smtp)",
            Way::Folder(_) => "Mailer(folder)",
            Way::Nowhere => "Mailer(nowhere)",
        })
    }
}

fn smtp(config: &Config) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let wrong = || Error::Config("smtp_url is none of smtps://host, smtp://host".to_owned());
    let url = url::Url::parse(&config.smtp_url).map_err(|_| wrong())?;
    if url.password().is_some() || !url.username().is_empty() {
        return Err(Error::Config(
            "smtp_url holds credentials: they belong to username and password".to_owned(),
        ));
    }
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.smtp_url)
        .map_err(|_| wrong())?
        .timeout(Some(Duration::from_millis(config.timeout_ms)));
    if let Some(password) = &config.password {
        builder = builder.credentials(Credentials::new(
            config.username.clone(),
            password.expose_secret().to_owned(),
        ));
    }
    Ok(builder.build())
}

async fn send(
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    message: Message,
) -> Result<(), Error> {
    match transport.send(message).await {
        Ok(_) => Ok(()),
        // A server's words may repeat the recipient, so only its status is kept.
        Err(error) if error.is_permanent() => Err(Error::Refused(
            error
                .status()
                .map_or_else(|| "unknown".to_owned(), |code| code.to_string()),
        )),
        Err(error) => Err(Error::Later(error.status().map_or_else(
            || "the server does not answer".to_owned(),
            |code| format!("status {code}"),
        ))),
    }
}

/// Writes a file that only its owner can read, and that is whole or absent.
async fn write(folder: &Path, id: &str, content: Vec<u8>) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    tokio::fs::create_dir_all(folder).await?;
    let temporary = folder.join(format!("{id}.new"));
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&temporary).await?;
    file.write_all(&content).await?;
    file.sync_all().await?;
    tokio::fs::rename(&temporary, folder.join(format!("{id}.eml"))).await
}

async fn forget(folder: &Path, prefix: &str) -> std::io::Result<usize> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        opened => opened?,
    };
    let mut removed = 0;
    while let Some(entry) = entries.next_entry().await? {
        let is_theirs = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(prefix));
        if is_theirs {
            tokio::fs::remove_file(entry.path()).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
