//! TLS for an address of MAD's own server.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ServerConfig, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConnection};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::authority::{ClientCertificate, Scopes};
use crate::private_file::{self, PrivateFileError};
use crate::reload::Reloaded;

/// A certificate and its key, and whose certificates clients must have: for
/// [`listen_tls`](crate::ExporterBuilder::listen_tls).
///
/// The files are in PEM and are read again when they change, once a second: certificates are renewed
/// without a restart. When they have changed and cannot be used, that is a
/// [warning](crate::Exporter::warnings), and what was there before holds. The key is as private as a
/// [file of tokens](crate::ExporterBuilder::token_file) has to be. TLS 1.2 and 1.3 are spoken.
#[derive(Clone, Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    clients: Option<Clients>,
}

/// Whose certificates clients must have, and what they may do then.
#[derive(Clone, Debug)]
struct Clients {
    authorities: PathBuf,
    scopes: Scopes,
}

impl Tls {
    /// Takes the certificate, followed by those between it and its root if there are any, and its key.
    pub fn files(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            certificate: certificate.into(),
            key: key.into(),
            clients: None,
        }
    }

    /// Serves only clients with a certificate that one of the authorities in this file has signed, and lets
    /// them do this; [`Scopes::NONE`] leaves it to tokens, and to
    /// [`authorise`](crate::ExporterBuilder::authorise), which is told whom the certificate is for.
    #[must_use = "it describes an address, and changes none"]
    pub fn client_ca(self, authorities: impl Into<PathBuf>, scopes: impl Into<Scopes>) -> Self {
        Self {
            clients: Some(Clients {
                authorities: authorities.into(),
                scopes: scopes.into(),
            }),
            ..self
        }
    }

    /// Says whether a certificate is enough to be known.
    pub(crate) fn knows_callers(&self) -> bool {
        self.client_scopes() != Scopes::NONE
    }

    pub(super) fn client_scopes(&self) -> Scopes {
        self.clients
            .as_ref()
            .map_or(Scopes::NONE, |clients| clients.scopes)
    }

    /// Reads the files.
    pub(super) fn load(self) -> Result<Reloaded<ServerConfig>, TlsError> {
        let authorities = self
            .clients
            .as_ref()
            .map(|clients| clients.authorities.clone());
        let files = [self.certificate.clone(), self.key.clone()];
        let files = files.into_iter().chain(authorities).collect();
        Reloaded::load(files, move || self.read())
    }

    fn read(&self) -> Result<ServerConfig, TlsError> {
        let certificates = certificates(&self.certificate)?;
        let key = key(&self.key)?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::of(&self.certificate, Trouble::Tls(error)))?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(Clients { authorities, .. }) => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots(authorities)?, provider());
                let verifier = verifier.build();
                let trouble = |error| TlsError::of(authorities, Trouble::Verifier(error));
                builder.with_client_cert_verifier(verifier.map_err(trouble)?)
            }
        };
        let config = builder.with_single_cert(certificates, key);
        let mut config = config.map_err(|error| TlsError::of(&self.key, Trouble::Tls(error)))?;
        config.alpn_protocols = protocols();
        Ok(config)
    }
}

/// The protocols that are spoken, the preferred first.
fn protocols() -> Vec<Vec<u8>> {
    let http2 = cfg!(feature = "grpc").then(|| b"h2".to_vec());
    http2.into_iter().chain([b"http/1.1".to_vec()]).collect()
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = fs::read(path)
        .map_err(|error| TlsError::of(path, Trouble::File(PrivateFileError::Io(error))))?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| TlsError::of(path, Trouble::Pem(error)))?;
    if certificates.is_empty() {
        return Err(TlsError::of(path, Trouble::Pem(pem::Error::NoItemsFound)));
    }
    Ok(certificates)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = private_file::read(path).map_err(|error| TlsError::of(path, Trouble::File(error)))?;
    PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| TlsError::of(path, Trouble::Pem(error)))
}

fn roots(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        let added = roots.add(certificate);
        added.map_err(|error| TlsError::of(path, Trouble::Tls(error)))?;
    }
    Ok(Arc::new(roots))
}

/// Returns the certificate that a client has shown and that was verified.
pub(super) fn client_certificate(
    session: &ServerConnection,
    scopes: Scopes,
) -> Option<ClientCertificate> {
    let [certificate, ..] = session.peer_certificates()? else {
        return None;
    };
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(ClientCertificate {
        subject: certificate.tbs_certificate().subject().to_string(),
        scopes,
    })
}

/// What is wrong with a file of TLS.
#[derive(Debug)]
pub(crate) struct TlsError {
    path: PathBuf,
    trouble: Trouble,
}

#[derive(Debug)]
enum Trouble {
    File(PrivateFileError),
    Pem(pem::Error),
    Tls(rustls::Error),
    Verifier(VerifierBuilderError),
}

impl TlsError {
    fn of(path: &Path, trouble: Trouble) -> Self {
        Self {
            path: path.to_owned(),
            trouble,
        }
    }

    /// As an error of the place where it is to be served.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, self)
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be used for TLS: ", self.path.display())?;
        match &self.trouble {
            Trouble::File(error) => error.fmt(f),
            Trouble::Pem(pem::Error::NoItemsFound) => {
                f.write_str("there is no PEM block of the kind that is needed in it")
            }
            Trouble::Pem(error) => error.fmt(f),
            Trouble::Tls(error) => error.fmt(f),
            Trouble::Verifier(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TlsError {}
