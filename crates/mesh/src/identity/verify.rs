//! Whether a certificate is what it says, and whose it is.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    client::verify_server_cert_signed_by_trust_anchor,
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::SpiffeId;

/// The one SPIFFE id of a certificate, in the trust domain.
///
/// X.509-SVID, 2: exactly one URI, or it is nobody's.
pub(super) fn spiffe_id(
    certificate: &CertificateDer<'_>,
    trust_domain: &str,
) -> Result<SpiffeId, Error> {
    let refuse = |problem: &'static str| {
        let other = OtherError(Arc::new(NotOurs(problem)));
        Error::InvalidCertificate(CertificateError::Other(other))
    };
    let parsed = webpki::EndEntityCert::try_from(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let mut uris = parsed.valid_uri_names();
    let (Some(uri), None) = (uris.next(), uris.next()) else {
        return Err(refuse("the certificate names not exactly one URI"));
    };
    let id: SpiffeId = uri
        .parse()
        .map_err(|_| refuse("the certificate's URI is no SPIFFE id of a service"))?;
    if id.trust_domain() != trust_domain {
        return Err(refuse("the certificate is of another trust domain"));
    }
    Ok(id)
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotOurs(&'static str);

/// Verifies a server by its chain and its id. Which service it must be is
/// asked by whoever called it; hosts have no names here.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) roots: Arc<RootCertStore>,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) trust_domain: String,
}

impl ServerCertVerifier for Server {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            intermediates,
            now,
            algorithms,
        )?;
        spiffe_id(end_entity, &self.trust_domain)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
