//! Connections on which HTTP/2 may be spoken, with several requests at once.

use std::convert::Infallible;
use std::pin::pin;

use axum::body::Body;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::super::accompanied::Accompanied;
use super::super::open_requests::OpenRequests;
use super::super::preface;
use super::super::protocol::{HEAD_DEADLINE, guarded, http2};
use super::super::seat_notes::SeatNotes;
use super::super::stream::Stream;
use super::Connection;

impl Connection {
    /// Finds out which protocol the client speaks, and speaks it.
    pub(super) async fn converse(&self, stream: Accompanied<Stream, SeatNotes>) {
        let opened = tokio::select! {
            () = self.is_closing() => return,
            opened = preface::read(stream) => opened,
        };
        match opened {
            Ok(stream) if stream.companion().is_http2() => Http2::on(self).converse(stream).await,
            Ok(stream) => self.converse_in_http1(stream).await,
            Err(_) => {}
        }
    }
}

/// A connection of HTTP/2.
struct Http2<'a> {
    connection: &'a Connection,
    /// The requests that are not answered to the end.
    streams: OpenRequests,
    has_asked_enough: Notify,
}

impl<'a> Http2<'a> {
    fn on(connection: &'a Connection) -> Self {
        Self {
            connection,
            streams: OpenRequests::default(),
            has_asked_enough: Notify::new(),
        }
    }

    async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| self.answer(request));
        let mut connection = pin!(http2().serve_connection(guarded(stream), service));
        let is_idle = tokio::select! {
            biased;
            () = self.connection.is_closing() => false,
            _ = connection.as_mut() => return,
            () = self.has_asked_enough.notified() => false,
            () = self.is_idle() => true,
        };
        connection.as_mut().graceful_shutdown();
        if is_idle {
            // The client has this long to say that it has heard.
            _ = timeout(HEAD_DEADLINE, connection).await;
        } else {
            _ = connection.await;
        }
    }

    /// Waits until nothing was asked, and nothing was left to be sent, for as long as a connection may
    /// be idle.
    async fn is_idle(&self) {
        loop {
            self.streams.none_is_open().await;
            let is_asked = timeout(HEAD_DEADLINE, self.streams.one_is_open()).await;
            if is_asked.is_err() && self.connection.seated.seat().unsent() == 0 {
                return;
            }
        }
    }

    fn answer(
        &self,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let stream = self.streams.open();
        let asked = self.connection.ask();
        if asked.is_last {
            self.has_asked_enough.notify_one();
        }
        let answer = self.connection.route(request);
        async move {
            let answer = answer.await?;
            asked.end_with(&answer);
            // A stream is open until its answer has come to an end, or is not wanted any more.
            Ok(answer.map(|body| {
                Body::new(body.map_frame(move |frame| {
                    _ = &stream;
                    frame
                }))
            }))
        }
    }
}
