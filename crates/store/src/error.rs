use sea_orm::{DbErr, RuntimeErr, SqlxError};

mod driver;

/// What went wrong, in the terms a service maps to an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot be reached, or went away; whether a commit that was
    /// under way happened is unknown. Trying again later may help.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Too many callers wait for the database; trying again later helps.
    #[error("too many callers wait for the database")]
    Overloaded,
    /// Writers would have been held up for longer than allowed.
    #[error("writers did not pause within {0:?} all told; they go on, and nothing was copied")]
    HeldTooLong(std::time::Duration),
    /// A statement ran past its bound.
    #[error("a statement took longer than allowed")]
    Timeout,
    /// Another transaction was in the way; repeat the whole transaction.
    #[error("another transaction was in the way: {0}")]
    Conflict(String),
    /// A row with the same key is there already.
    #[error("a row like this exists already ({0})")]
    Unique(Violation),
    /// A named CHECK does not hold.
    #[error("a check does not hold ({0})")]
    Check(Violation),
    /// A row that is referred to is absent, or one to be deleted is referred to.
    #[error("a reference does not hold: {0}")]
    ForeignKey(String),
    /// No space is left for writes; reads go on.
    #[error("the database has no space left")]
    DiskFull,
    /// The database's files are damaged.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// A write was sent over the read-only connection.
    #[error("a write was sent over the read-only connection")]
    ReadOnly,
    /// A statement of this transaction failed, so it cannot be committed.
    #[error("a statement of this transaction failed; it was rolled back")]
    Poisoned,
    /// The claim was taken over by another attempt; this one was rolled back.
    #[error("another attempt has taken this request over")]
    Fenced,
    /// It would be written of a person who has left.
    #[error("this account was deleted")]
    Departed,
    /// The same request is being worked on right now.
    #[error("the same request is in flight")]
    InFlight,
    /// The idempotency key was used for a different request.
    #[error("the idempotency key was used for a different request")]
    KeyReused,
    /// A page token is damaged, or belongs to another list.
    #[error("the page token is not valid for this list")]
    BadCursor,
    /// A text or payload is over its bound.
    #[error("{what} has {bytes} bytes; at most {limit_bytes} are allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The bound.
        limit_bytes: usize,
    },
    /// Something sealed cannot be sealed or opened.
    #[error("sealing: {0}")]
    Sealed(&'static str),
    /// The configuration does not make sense.
    #[error("configuration: {0}")]
    Config(String),
    /// Anything else; a defect.
    #[error("database: {0}")]
    Internal(DbErr),
}

/// Which constraint was violated. SQLite names columns, PostgreSQL names the
/// constraint and the columns: match through [`Error::is_unique`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Violation {
    /// The table, where the engine tells it.
    pub table: String,
    /// The columns (or expressions) of a unique key.
    pub columns: Vec<String>,
    /// The constraint's or index's name, where the engine tells it.
    pub constraint: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} [{}] {}",
            self.table,
            self.columns.join(", "),
            self.constraint
        )
    }
}

impl Error {
    /// Whether this is a violated unique key of `table` that has `column` as
    /// its only or one of its columns, or an index of that name.
    #[must_use]
    pub fn is_unique(&self, table: &str, column: &str) -> bool {
        matches!(self, Self::Unique(v) if (v.table == table || v.table.is_empty())
            && (v.constraint == column || v.columns.iter().any(|c| c == column)))
    }

    /// Whether this is the violated CHECK of that name.
    #[must_use]
    pub fn violated_check(&self, name: &str) -> bool {
        matches!(self, Self::Check(v) if v.constraint == name)
    }

    /// Whether repeating the whole transaction now may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        driver::classify(error)
    }
}

impl From<SqlxError> for Error {
    fn from(error: SqlxError) -> Self {
        DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
    }
}
