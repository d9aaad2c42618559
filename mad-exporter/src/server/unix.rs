//! A socket in the file system.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

/// Who may connect unless the program says otherwise: the user of this process.
const DEFAULT_MODE: u32 = 0o600;

/// How many callers may wait to be let in.
const BACKLOG: i32 = 128;

/// A socket in the file system, where only processes of this host come in, and of those whom the
/// permissions of its file let in.
///
/// ```no_run
/// use mad_exporter::{Exporter, UnixSocket};
///
/// let exporter = Exporter::builder()
///     .listen_unix(UnixSocket::at("/run/shop/mad.sock").mode(0o660))
///     .start()?;
/// # Ok::<(), mad_exporter::StartError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnixSocket {
    path: PathBuf,
    mode: u32,
}

impl UnixSocket {
    /// Describes a socket at this path, which only the user of this process may connect to.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            mode: DEFAULT_MODE,
        }
    }

    /// Sets the permissions of its file: who may write to it may connect.
    #[must_use = "it describes a socket, and changes none"]
    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the socket. One that nobody listens to any more is replaced; anything else that is there is
    /// left alone.
    pub(super) fn bind(self) -> io::Result<BoundSocket> {
        match self.try_bind() {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                self.remove_if_stale()?;
                self.try_bind()
            }
            bound => bound,
        }
    }

    fn try_bind(&self) -> io::Result<BoundSocket> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(&self.path)?)?;
        let file = SocketFile::of(&self.path)?;
        // Before anybody can connect, which is when it listens.
        fs::set_permissions(&self.path, Permissions::from_mode(self.mode))?;
        socket.listen(BACKLOG)?;
        Ok(BoundSocket {
            listener: socket.into(),
            file,
        })
    }

    fn remove_if_stale(&self) -> io::Result<()> {
        if !fs::symlink_metadata(&self.path)?.file_type().is_socket() {
            let problem = "something else than a socket is there";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, problem));
        }
        match UnixStream::connect(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                fs::remove_file(&self.path)
            }
            _ => Err(io::ErrorKind::AddrInUse.into()),
        }
    }
}

impl<P: Into<PathBuf>> From<P> for UnixSocket {
    fn from(path: P) -> Self {
        Self::at(path)
    }
}

/// A socket that is made.
#[derive(Debug)]
pub(crate) struct BoundSocket {
    listener: UnixListener,
    file: SocketFile,
}

impl BoundSocket {
    pub(super) fn into_parts(self) -> (UnixListener, SocketFile) {
        (self.listener, self.file)
    }
}

/// The file of a socket; it goes when the socket is closed.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            identity: identity(path)?,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // By now, somebody else's may be there.
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let file = fs::symlink_metadata(path)?;
    Ok((file.dev(), file.ino()))
}
