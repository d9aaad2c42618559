//! Shows what a service that uses MAD knows about itself: metrics, probes and self-tests over HTTP.
//!
//! ```
//! use mad_core::{Check, HealthOptions, Probes, Registry};
//! use mad_exporter::Exporter;
//!
//! let options = HealthOptions {
//!     probes: Probes { readiness: true, ..Probes::NONE },
//!     ..HealthOptions::DEFAULT
//! };
//! let mut registry = Registry::new();
//! registry.add(Check::health_check("disk", options, |_| true))?;
//!
//! let exporter = Exporter::builder()
//!     .registry(registry)                     // or nothing: the annotated ones that are linked
//!     .listen(([127, 0, 0, 1], 0))            // its own server, on a thread of its own
//!     .token_from_env("MAD_TOKEN")            // without one, only callers on this host may act
//!     .start()?;
//! println!("curl http://{}/readyz?verbose", exporter.local_addr().unwrap());
//! # exporter.shutdown(std::time::Duration::ZERO);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It works in `async` programs and in plain ones. What is served, with every status and shape, is
//! in [`http`].

mod accept;
mod accept_encoding;
mod application;
mod audit;
mod authority;
mod builder;
mod documents;
mod duration;
mod exporter;
mod exposition;
#[cfg(feature = "grpc")]
mod grpc_health;
mod gzip;
mod history;
pub mod http;
mod idempotency;
mod instance;
mod load_limit;
mod maintenance_request;
mod pages;
mod prefer;
mod private_file;
mod probe_client;
mod process;
mod program;
mod recorder;
mod reload;
mod render;
mod renderings;
mod routes;
mod scrape;
mod scrape_request;
mod server;
mod service;
mod sigterm;
mod start_error;
mod streams;
mod systemd;
mod trigger_rate;
mod trigger_request;
mod verdicts;
mod warning;

pub use audit::AuditEntry;
pub use authority::{Credentials, Grant, InvalidScope, Scope, Scopes, Token};
pub use builder::ExporterBuilder;
pub use exporter::Exporter;
pub use probe_client::probe_main;
#[cfg(feature = "tls")]
pub use server::Tls;
#[cfg(unix)]
pub use server::UnixSocket;
pub use service::{ExporterService, ResponseBody, ResponseFuture};
pub use sigterm::Drained;
pub use start_error::StartError;
pub use warning::Warning;

/// The README's quick start compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
