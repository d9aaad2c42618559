//! What bounds a conversation in each of the protocols.

use std::time::Duration;

use hyper::server::conn::http1;
#[cfg(feature = "grpc")]
use hyper::server::conn::http2;
use hyper_util::rt::TokioIo;
#[cfg(feature = "grpc")]
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::accompanied::Accompanied;
use super::head_timer::HeadTimer;
use super::stall::StallGuard;

/// How long the head of a request may take, and how long a connection may be idle before it.
pub(super) const HEAD_DEADLINE: Duration = Duration::from_secs(2);

/// How long a client may take nothing of what it is sent.
const STALL_DEADLINE: Duration = Duration::from_secs(10);

/// How large the head of a request may be.
const MAX_HEAD: u16 = 8 * 1024;

/// How many headers there may be. hyper stops reading at 100, and would take two allocations for each request to
/// stop at another number.
pub(super) const MAX_HEADERS: usize = 64;

/// How many requests there may be at once on a connection of HTTP/2.
#[cfg(feature = "grpc")]
const MAX_STREAMS: u32 = 100;

/// How much of a body a client of HTTP/2 may send before it is read: more than any body may have.
#[cfg(feature = "grpc")]
const WINDOW: u32 = 32 * 1024;

/// How often a client of HTTP/2 is asked whether it is still there: it may wait for a long time.
#[cfg(feature = "grpc")]
const STILL_THERE: Duration = Duration::from_secs(20);

/// Takes care that a client that takes nothing of what it is sent does not stay.
pub(super) fn guarded<S>(stream: S) -> TokioIo<Accompanied<S, StallGuard>> {
    TokioIo::new(Accompanied::new(stream, StallGuard::new(STALL_DEADLINE)))
}

/// Makes what one connection of HTTP/1 is served with.
pub(super) fn http1() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(HeadTimer::default())
        // Who sends no more may still wait for an answer. Who has gone altogether looks the same, until
        // something is written to them.
        .half_close(true)
        .header_read_timeout(HEAD_DEADLINE)
        .max_header_size(MAX_HEAD.into());
    http
}

#[cfg(feature = "grpc")]
pub(super) fn http2() -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .max_header_list_size(MAX_HEAD.into())
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(2 * WINDOW)
        .keep_alive_interval(STILL_THERE)
        .keep_alive_timeout(STALL_DEADLINE);
    http
}
