//! The sealer of secrets at rest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_store::Sealer;
use secrecy::{ExposeSecret as _, SecretString};

/// By configured keys, or by what the services' keys yield.
pub(crate) fn sealer(configured: &[SecretString], derived: &[[u8; 32]]) -> Result<Sealer, String> {
    let mut keys = Vec::new();
    for key in configured {
        let bytes = STANDARD.decode(key.expose_secret().trim()).ok();
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        keys.push(key.ok_or(
            "services.notification.sealing_keys holds one that is not 32 bytes in base64",
        )?);
    }
    // What was sealed before keys were configured opens all the same.
    keys.extend_from_slice(derived);
    let (current, previous) = keys.split_first().ok_or(
        "notification needs services.notification.sealing_keys, or the services' private keys",
    )?;
    Ok(Sealer::new(*current, previous))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::sealer;

    #[test]
    fn what_was_sealed_before_a_key_was_configured_opens_after_it() {
        let before = sealer(&[], &[[1; 32]]).expect("a derived key will do");
        let sealed = before.seal(b"hook", b"secret").expect("it seals");
        let key = SecretString::from("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
        let after = sealer(&[key], &[[1; 32]]).expect("a configured key will do");
        assert_eq!(after.open(b"hook", &sealed).expect("it opens"), b"secret");
        assert!(sealer(&[SecretString::from("short")], &[]).is_err());
        assert!(sealer(&[], &[]).is_err());
    }
}
