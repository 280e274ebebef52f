use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::error::Error;

/// Hashes and verifies passwords with Argon2id, a few at a time.
#[derive(Clone)]
pub(crate) struct Passwords(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    params: Params,
    turns: Semaphore,
    /// A hash that no password matches, for logins that name no account.
    decoy: String,
    computed: AtomicU64,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verified {
    /// The password is right.
    Right,
    /// It is right, and this is its hash under today's parameters.
    RightButDated(String),
    /// It is not.
    Wrong,
}

impl Passwords {
    pub(crate) fn new(config: &Config) -> Result<Self, argon2::Error> {
        let params = Params::new(
            config.argon2_memory_kib,
            config.argon2_passes,
            config.argon2_lanes,
            None,
        )?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let decoy = hash(&argon2, &params, &rand::random::<[u8; 32]>())
            .map_err(|_| argon2::Error::PwdTooLong)?;
        Ok(Self(Arc::new(Inner {
            argon2,
            params,
            turns: Semaphore::new(config.concurrent_hashes.max(1)),
            decoy,
            computed: AtomicU64::new(0),
        })))
    }

    /// Hashes a new password into a PHC string.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        self.compute(move |inner| {
            hash(&inner.argon2, &inner.params, password.as_bytes()).map_err(|_| Error::Hashing)
        })
        .await
    }

    /// Verifies a password against a stored hash. Without one the same work is
    /// done on a decoy, and the answer is wrong.
    pub(crate) async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Verified, Error> {
        self.compute(move |inner| {
            let known = stored.is_some();
            let text = stored.as_deref().unwrap_or(&inner.decoy);
            let parsed = PasswordHash::new(text).map_err(|_| Error::Hashing)?;
            let right = inner
                .argon2
                .verify_password(password.as_bytes(), &parsed)
                .is_ok();
            if !(right && known) {
                return Ok(Verified::Wrong);
            }
            if is_current(&parsed, &inner.params) {
                return Ok(Verified::Right);
            }
            hash(&inner.argon2, &inner.params, password.as_bytes())
                .map(Verified::RightButDated)
                .map_err(|_| Error::Hashing)
        })
        .await
    }

    /// Hashes computed since the start, so that a test can see that a login
    /// without an account does the same work as one with.
    #[cfg(test)]
    pub(crate) fn computed(&self) -> u64 {
        self.0.computed.load(Ordering::Relaxed)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _turn = self.0.turns.acquire().await.map_err(|_| Error::Hashing)?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            inner.computed.fetch_add(1, Ordering::Relaxed);
            work(&inner)
        })
        .await
        .map_err(|_| Error::Hashing)?
    }
}

fn hash(
    argon2: &Argon2<'_>,
    params: &Params,
    password: &[u8],
) -> Result<String, argon2::password_hash::Error> {
    let salt: [u8; 16] = rand::random();
    let hash = argon2.hash_password_customized(
        password,
        &salt,
        Some(Algorithm::Argon2id.as_str()),
        Some(Version::V0x13.into()),
        params.clone(),
    )?;
    Ok(hash.to_string())
}

fn is_current(hash: &PasswordHash, params: &Params) -> bool {
    Params::try_from(hash).is_ok_and(|used| {
        used.m_cost() == params.m_cost()
            && used.t_cost() == params.t_cost()
            && used.p_cost() == params.p_cost()
    })
}

#[cfg(test)]
mod tests {
    use super::{Passwords, Verified};
    use crate::config::Config;

    fn passwords(memory_kib: u32) -> Passwords {
        let config = Config {
            argon2_memory_kib: memory_kib,
            argon2_passes: 1,
            ..Config::default()
        };
        Passwords::new(&config).unwrap()
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = passwords(64);
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        let verify = |text: &str| passwords.verify(text.to_owned(), Some(hash.clone()));
        assert_eq!(verify("correct horse").await.unwrap(), Verified::Right);
        assert_eq!(verify("correct horsf").await.unwrap(), Verified::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_older_parameters_is_renewed_at_the_next_login() {
        let old = passwords(64)
            .hash("correct horse".to_owned())
            .await
            .unwrap();
        let verified = passwords(128)
            .verify("correct horse".to_owned(), Some(old))
            .await
            .unwrap();
        let Verified::RightButDated(renewed) = verified else {
            panic!("{verified:?}");
        };
        assert!(renewed.contains("m=128"), "{renewed}");
    }

    #[tokio::test]
    async fn a_login_without_an_account_does_the_same_work() {
        let passwords = passwords(64);
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        let before = passwords.computed();
        let known = passwords
            .verify("wrong".to_owned(), Some(hash))
            .await
            .unwrap();
        let between = passwords.computed();
        let unknown = passwords.verify("wrong".to_owned(), None).await.unwrap();
        assert_eq!((known, unknown), (Verified::Wrong, Verified::Wrong));
        assert_eq!(passwords.computed() - between, between - before);
    }
}
