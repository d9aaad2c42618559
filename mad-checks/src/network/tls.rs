//! TLS: what is trusted, and what a server presents.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};

use super::NetworkError;
use super::connection::Connection;

/// The roots of the system, and what the program adds to them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    pem: Vec<Vec<u8>>,
}

/// The certificates that a server presented, its own first, and whether they can be relied on.
#[derive(Debug)]
pub(crate) struct Presented {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) verdict: Verdict,
    pub(crate) peer: Option<SocketAddr>,
}

/// What verifying the certificates came to: nothing, or why they are not to be relied on.
type Verdict = Result<(), rustls::Error>;

impl Trust {
    pub(crate) fn add_pem(&mut self, pem: &[u8]) {
        self.pem.push(pem.to_vec());
    }

    /// Speaks TLS on a connection, and only with a server whose certificate is verified.
    pub(crate) fn secured(
        &self,
        connection: Connection,
        host: &str,
    ) -> Result<StreamOwned<ClientConnection, Connection>, NetworkError> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots()?)
            .with_no_client_auth();
        let client = ClientConnection::new(Arc::new(config), server_name(host)?)?;
        Ok(StreamOwned::new(client, connection))
    }

    /// Shakes hands with whoever is there, and tells what was presented.
    pub(crate) fn look_at(
        &self,
        mut connection: Connection,
        host: &str,
    ) -> Result<Presented, NetworkError> {
        let provider = Arc::new(ring::default_provider());
        let witness = Arc::new(Witness::new(self.roots()?, Arc::clone(&provider)));
        let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(&witness) as _;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let mut client = ClientConnection::new(Arc::new(config), server_name(host)?)?;
        let peer = connection.peer().ok();
        shake_hands(&mut client, &mut connection)?;
        let chain = client.peer_certificates().unwrap_or_default();
        let verdict = witness.verdict.lock().take();
        Ok(Presented {
            chain: chain
                .iter()
                .cloned()
                .map(CertificateDer::into_owned)
                .collect(),
            verdict: verdict.unwrap_or_else(|| Err(rustls::Error::NoCertificatesPresented)),
            peer,
        })
    }

    /// Reads the roots anew each time: they are renewed while a service runs.
    fn roots(&self) -> Result<RootCertStore, NetworkError> {
        let mut roots = RootCertStore::empty();
        // A root that cannot be read is one that nobody is trusted for.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for pem in &self.pem {
            let certificates = CertificateDer::pem_slice_iter(pem);
            let certificates: Result<Vec<_>, _> = certificates.collect();
            let certificates = certificates.map_err(|_| NetworkError::NotPem)?;
            if certificates.is_empty() {
                return Err(NetworkError::NotPem);
            }
            for certificate in certificates {
                roots.add(certificate)?;
            }
        }
        Ok(roots)
    }
}

fn server_name(host: &str) -> Result<ServerName<'static>, NetworkError> {
    ServerName::try_from(host.to_owned()).map_err(|_| NetworkError::NotAServerName(host.to_owned()))
}

fn shake_hands(
    client: &mut ClientConnection,
    connection: &mut Connection,
) -> Result<(), NetworkError> {
    while client.is_handshaking() {
        let (read, written) =
            client
                .complete_io(connection)
                .map_err(|source| NetworkError::Exchange {
                    doing: "shaking hands for TLS",
                    source,
                })?;
        if (read, written) == (0, 0) {
            return Err(NetworkError::Exchange {
                doing: "shaking hands for TLS",
                source: io::ErrorKind::UnexpectedEof.into(),
            });
        }
    }
    Ok(())
}

/// Verifies a certificate, remembers what came of it, and lets the handshake go on in any case: an expired
/// certificate is to be looked at, too. Nothing is sent on such a connection.
#[derive(Debug)]
struct Witness {
    /// `None` when there is no root at all.
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    verdict: Mutex<Option<Verdict>>,
}

impl Witness {
    fn new(roots: RootCertStore, provider: Arc<CryptoProvider>) -> Self {
        let roots = Arc::new(roots);
        let inner = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
        Self {
            inner: inner.build().ok(),
            provider,
            verdict: Mutex::default(),
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = match &self.inner {
            Some(inner) => inner
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(drop),
            None => Err(rustls::Error::General(
                "there are no roots of trust on this system".to_owned(),
            )),
        };
        *self.verdict.lock() = Some(verdict);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
