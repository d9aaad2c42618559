//! Everything that is served, as a tower service.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use axum::{BoxError, Router};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tower::Service;

/// Everything that is served, as a tower service: for servers that are not axum.
///
/// [`Exporter::service`](crate::Exporter::service) makes it. A clone is as good.
#[derive(Clone)]
pub struct ExporterService(Router);

impl ExporterService {
    pub(crate) fn new(router: Router) -> Self {
        Self(router)
    }
}

impl<B> Service<Request<B>> for ExporterService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.0, context)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let answer = self.0.call(request);
        ResponseFuture(Box::pin(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| ResponseBody(Mutex::new(body))))
        }))
    }
}

impl fmt::Debug for ExporterService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExporterService(..)")
    }
}

/// An answer in the making.
pub struct ResponseFuture(
    Pin<Box<dyn Future<Output = Result<Response<ResponseBody>, Infallible>> + Send>>,
);

impl Future for ResponseFuture {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture(..)")
    }
}

/// The body of an answer. Unlike axum's it is `Sync`, as some servers ask for.
#[derive(Debug)]
pub struct ResponseBody(Mutex<Body>);

impl ResponseBody {
    /// Waits for all of it. Live events have no end.
    ///
    /// # Errors
    ///
    /// If the answer breaks off.
    pub async fn bytes(self) -> Result<Bytes, BoxError> {
        let body = self.0.into_inner().collect().await;
        Ok(body?.to_bytes())
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(self.0.get_mut()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
}
