//! The gRPC health protocol, `grpc.health.v1.Health`: what load balancers and Kubernetes ask in gRPC.
//!
//! It knows messages and streams of them; who brings them, and over what, is for [`crate::routes`]. The
//! messages are a handful of bytes, and written by hand: see the decisions in ARCHITECTURE.md.

mod call;
mod envelope;
mod message;
mod services;
mod watch;
mod wire;

pub(crate) use call::{Code, Refusal, answer};
pub(crate) use envelope::open;
pub(crate) use message::{check_response, list_response, service_asked_for};
pub(crate) use services::Services;
pub(crate) use watch::{MOST, TOO_MANY, Watch};
