use std::future::Future;

use prost::Message;

use crate::{Claim, ClaimScope, Claimed, Error, Result, Store, Tx};

/// Proof that a reply was stored and committed with its change. Only
/// [`Tx::commit_with`] makes one.
#[derive(Debug)]
#[must_use]
pub struct Fulfilled<R>(R);

impl<R> Fulfilled<R> {
    /// The reply.
    pub fn into_reply(self) -> R {
        self.0
    }
}

/// What an error says about the attempt that ended with it.
pub trait Refusal {
    /// `true`: it was refused for good and changed nothing, so the idempotency
    /// key is free again. `false`: how it ended is open (unavailable, timed
    /// out, a defect), so the next attempt continues under the same
    /// [`Claim::operation_id`].
    fn is_definite(&self) -> bool;
}

impl Refusal for Error {
    fn is_definite(&self) -> bool {
        matches!(
            self,
            Self::Unique(_)
                | Self::Check(_)
                | Self::ForeignKey(_)
                | Self::TooLarge { .. }
                | Self::BadCursor
                | Self::Departed
        )
    }
}

impl Tx {
    /// Stores the reply with the claim and commits: the last line of every
    /// mutation.
    ///
    /// # Errors
    /// As [`Tx::fulfil`] and [`Tx::commit`].
    pub async fn commit_with<R: Message>(self, claim: Claim, reply: R) -> Result<Fulfilled<R>> {
        self.fulfil(&claim, &reply.encode_to_vec()).await?;
        self.commit().await?;
        claim.0.settle();
        Ok(Fulfilled(reply))
    }
}

impl Store {
    /// Runs a mutation once per idempotency key: claims the key, runs `body`,
    /// or answers with the reply of the attempt that succeeded before. Call it
    /// after authentication, authorization and validation.
    ///
    /// The digest covers the whole request; a request id within it does no
    /// harm, being the same whenever the key is.
    ///
    /// # Errors
    /// [`Error::InFlight`], [`Error::KeyReused`], [`Error::Departed`], the database's, and whatever
    /// `body` answers.
    pub async fn idempotent<Q, R, E, B, F>(
        &self,
        scope: &ClaimScope,
        request: &Q,
        body: B,
    ) -> Result<R, E>
    where
        Q: Message,
        R: Message + Default,
        E: From<Error> + Refusal,
        B: FnOnce(Claim) -> F,
        F: Future<Output = Result<Fulfilled<R>, E>>,
    {
        if !scope.has_key() {
            return body(Claim::unkeyed(self, scope))
                .await
                .map(Fulfilled::into_reply);
        }
        let digest = ClaimScope::digest(request);
        let claim = match self.claim(scope, digest, scope.lease_of()).await? {
            Claimed::New(claim) => claim,
            Claimed::Replay(reply) => {
                let reply = R::decode(reply.as_slice());
                let damaged = |_| Error::Corrupt("a stored reply does not decode".to_owned());
                return Ok(reply.map_err(damaged)?);
            }
            Claimed::InFlight => return Err(Error::InFlight.into()),
            Claimed::DigestMismatch => return Err(Error::KeyReused.into()),
        };
        // Held here as well, so that the claim is given up exactly once, and
        // also when the caller goes away half-way.
        let held = claim.0.clone();
        match body(claim).await {
            Ok(done) => {
                held.settle();
                Ok(done.into_reply())
            }
            Err(error) => {
                if error.is_definite()
                    && let Err(cause) = held.release().await
                {
                    tracing::warn!(%cause, "a refused request's key stays taken for its lease");
                }
                Err(error)
            }
        }
    }
}
