use covergen_proto::auth::v1::ClaimSignatureNoncesRequest;

use super::App;
use crate::error::Error;
use crate::store;

impl App {
    /// Uses up the nonces of a signed request, all or none of them. Here
    /// rather than in the cache, which forgets what it has no room for.
    pub(crate) async fn claim_signature_nonces(
        &self,
        request: &ClaimSignatureNoncesRequest,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        // By the clock that removes them: an edge's may be another.
        let until = tx.now_ms() + i64::from(request.keep_seconds) * 1000;
        // In one order, or two requests could wait for each other.
        let mut hashes: Vec<&[u8]> = request.nonce_hashes.iter().map(AsRef::as_ref).collect();
        hashes.sort_unstable();
        for hash in hashes {
            if !store::nonce::claim(&tx, hash, &request.claim_id, until).await? {
                return Err(Error::NonceUsed);
            }
        }
        Ok(tx.commit().await?)
    }
}
