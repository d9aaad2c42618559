//! A bare axum server: what MAD's own is held against.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;

use axum::Router;

/// Serves a router on a thread with a runtime of its own, as MAD does, until the process ends.
///
/// # Errors
///
/// If there is no port, or no runtime.
pub fn serve_bare(router: Router) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let serve = async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    };
    thread::Builder::new()
        .name("bare".to_owned())
        .spawn(move || runtime.block_on(serve))?;
    Ok(address)
}
