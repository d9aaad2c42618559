//! A client of other people's making: the transport of tonic, the messages of prost.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http::uri::PathAndQuery;
use prost::Message;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Request, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::support::PATIENCE;

pub(super) const UNKNOWN: i32 = 0;
pub(super) const SERVING: i32 = 1;
pub(super) const NOT_SERVING: i32 = 2;
pub(super) const SERVICE_UNKNOWN: i32 = 3;

#[derive(Clone, PartialEq, Message)]
pub(super) struct HealthCheckRequest {
    #[prost(string, tag = "1")]
    pub(super) service: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    pub(super) status: i32,
}

#[derive(Clone, PartialEq, Message)]
struct HealthListRequest {}

#[derive(Clone, PartialEq, Message)]
struct HealthListResponse {
    #[prost(btree_map = "string, message", tag = "1")]
    statuses: BTreeMap<String, HealthCheckResponse>,
}

#[derive(Clone)]
pub(super) struct Client(Channel);

impl Client {
    pub(super) fn to(address: SocketAddr) -> Self {
        let endpoint = Channel::from_shared(format!("http://{address}")).unwrap();
        Self(endpoint.connect_lazy())
    }

    async fn ready(&self) -> tonic::client::Grpc<Channel> {
        let mut grpc = tonic::client::Grpc::new(self.0.clone());
        grpc.ready().await.expect("somebody listens");
        grpc
    }

    pub(super) async fn check(&self, service: &str) -> Result<i32, (Code, String)> {
        let response: Result<tonic::Response<HealthCheckResponse>, _> = self
            .ready()
            .await
            .unary(asked(service), path("Check"), ProstCodec::default())
            .await;
        match response {
            Ok(response) => Ok(response.into_inner().status),
            Err(status) => Err(told(&status)),
        }
    }

    pub(super) async fn list(&self) -> Result<Vec<(String, i32)>, (Code, String)> {
        let request = Request::new(HealthListRequest {});
        let response: Result<tonic::Response<HealthListResponse>, _> = self
            .ready()
            .await
            .unary(request, path("List"), ProstCodec::default())
            .await;
        let statuses = match response {
            Ok(response) => response.into_inner().statuses,
            Err(status) => return Err(told(&status)),
        };
        let statuses = statuses.into_iter();
        Ok(statuses
            .map(|(name, response)| (name, response.status))
            .collect())
    }

    /// Calls a method of another service.
    pub(super) async fn unknown_method(&self) -> Code {
        let path = PathAndQuery::from_static("/shop.Shop/Buy");
        let codec = ProstCodec::<_, HealthCheckResponse>::default();
        let response = self.ready().await.unary(asked(""), path, codec).await;
        response.expect_err("there is no such method").code()
    }

    pub(super) async fn watch(&self, service: &str) -> Result<Watched, (Code, String)> {
        self.watch_with(asked(service)).await
    }

    pub(super) async fn watch_with(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Watched, (Code, String)> {
        let mut grpc = self.ready().await;
        let stream = grpc.server_streaming(request, path("Watch"), ProstCodec::default());
        match stream.await {
            Ok(response) => Ok(Watched(response.into_inner())),
            Err(status) => Err(told(&status)),
        }
    }
}

pub(super) fn asked(service: &str) -> Request<HealthCheckRequest> {
    Request::new(HealthCheckRequest {
        service: service.to_owned(),
    })
}

fn path(method: &str) -> PathAndQuery {
    format!("/grpc.health.v1.Health/{method}").parse().unwrap()
}

fn told(status: &Status) -> (Code, String) {
    (status.code(), status.message().to_owned())
}

/// What comes of a watch.
pub(super) struct Watched(Streaming<HealthCheckResponse>);

impl Watched {
    pub(super) async fn next(&mut self) -> Result<i32, (Code, String)> {
        let next = timeout(PATIENCE, self.0.message()).await;
        match next.expect("something comes") {
            Ok(Some(response)) => Ok(response.status),
            Ok(None) => panic!("a watch does not end well"),
            Err(status) => Err(told(&status)),
        }
    }

    /// Reads until this comes; what was in between may be left out.
    pub(super) async fn until(&mut self, status: i32) -> Vec<i32> {
        let mut seen = Vec::new();
        while seen.last() != Some(&status) {
            seen.push(self.next().await.expect("it goes on"));
        }
        seen
    }
}
