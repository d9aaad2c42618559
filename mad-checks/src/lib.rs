//! Health checks that most services need, each added in one line.
//!
//! ```
//! use mad_checks::{BuildAge, DiskSpace, Memory, OpenFiles};
//! use mad_core::Engine;
//!
//! let engine = Engine::builder()
//! #   .registry(mad_core::Registry::new())
//!     .check(DiskSpace::of("/"))
//!     .check(Memory::new())
//!     .check(OpenFiles::new())
//!     .check(BuildAge::since(option_env!("BUILD_DATE")))
//!     .start()?;
//! # engine.shutdown(std::time::Duration::ZERO);
//! # Ok::<(), mad_core::StartError>(())
//! ```
//!
//! | check | asks | warns | fails | every |
//! |---|---|---|---|---|
//! | [`DiskSpace`] | is there room on the file system of a path, in bytes and inodes? | below 10 % | below 2 % | 30 s |
//! | [`Memory`] | is there memory left, in the container or on the machine? | below 10 % | below 3 % | 15 s |
//! | [`OpenFiles`] | can this process open more files? | below 20 % | below 5 % | 15 s |
//! | [`TcpConnect`] | does a peer take connections? | | when not | 15 s |
//! | [`HttpGet`] | does a web server answer as it should? | | when not | 30 s |
//! | [`DnsLookup`] | does a name have its addresses? | | when not | 1 min |
//! | [`ClockSkew`] | is the clock right, by another one's `Date`? | beyond 2 s | beyond 30 s | 5 min |
//! | [`BuildAge`] | was this program built not too long ago? | after 90 days | if asked for | 1 h |
#![cfg_attr(
    feature = "tls",
    doc = "| [`CertificateExpiry`] | are a server's certificates good for some time? | 21 days before | 3 days before, or not verified | 1 h |"
)]
//!
//! With the feature `tls` there is `CertificateExpiry` too, and `https` wherever a URL is taken. Each page says
//! what its check observes, which becomes series, and, under a heading of its own, **what it cannot see**.
//!
//! # None gates a probe
//!
//! All of them are informational: shown, scraped, alerted on. A full disk is no reason to restart an instance,
//! and a peer that is down is down for every instance at once. Where one should gate readiness after all, say
//! so, with the options that every [`Check`](mad_core::Check) has:
//!
//! ```
//! use std::time::Duration;
//!
//! use mad_checks::TcpConnect;
//! use mad_core::{HealthOptions, IntoCheck, Probes};
//!
//! let options = HealthOptions {
//!     probes: Probes { readiness: true, ..Probes::NONE },
//!     fail_after: 3,
//!     ..HealthOptions::DEFAULT
//! };
//! let queue = TcpConnect::to("queue.internal:5672")
//!     .into_check()
//!     .with_name("queue")
//!     .with_health_options(options)
//!     .with_timeout(Duration::from_secs(1))
//!     .with_tags(["network"]);
//! assert_eq!(queue.name(), "queue");
//! ```
//!
//! # The service's own door
//!
//! MAD answers probes at an address of its own, which is green while the service's is stuck. Where the probes are
//! not mounted at the service's own door as well (`probe_router` of `mad-exporter`), a check asks there, and for
//! an answer: the kernel lets callers in whom nobody serves.
//!
//! ```
//! use mad_checks::HttpGet;
//! use mad_core::{HealthOptions, IntoCheck, Probes};
//!
//! let readiness = HealthOptions {
//!     probes: Probes { readiness: true, ..Probes::NONE },
//!     ..HealthOptions::DEFAULT
//! };
//! let own_door = HttpGet::of("http://127.0.0.1:8080/")
//!     .into_check()
//!     .with_name("own_door")
//!     .with_health_options(readiness);
//! assert_eq!(own_door.name(), "own_door");
//! ```
//!
//! # What holds for all of them
//!
//! - What cannot be read, reached or understood fails. Nothing is green that was not seen.
//! - They run on MAD's own threads, and bound each wait by what is left of the run's timeout, so that a peer
//!   that is silent or slow never keeps a thread. The two calls of a system that nothing bounds, a name's
//!   lookup and a look at a file system whose server is gone, are named where they are made.
//! - They read; nothing is written anywhere.

mod build_age;
#[cfg(feature = "tls")]
mod certificate_expiry;
mod clock_skew;
mod disk_space;
mod dns_lookup;
mod http_get;
mod levels;
mod memory;
mod network;
mod open_files;
mod reading;
mod tcp_connect;

use std::time::Duration;

use mad_core::HealthOptions;

pub use build_age::BuildAge;
#[cfg(feature = "tls")]
pub use certificate_expiry::CertificateExpiry;
pub use clock_skew::ClockSkew;
pub use disk_space::DiskSpace;
pub use dns_lookup::DnsLookup;
pub use http_get::HttpGet;
pub use memory::Memory;
pub use open_files::OpenFiles;
pub use tcp_connect::TcpConnect;

/// The options that all of them start with: no probe is gated.
const fn informational(every: Duration) -> HealthOptions {
    HealthOptions {
        every,
        ..HealthOptions::DEFAULT
    }
}
