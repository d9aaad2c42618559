//! The exporter, asked from outside.

mod authoriser;
mod authority;
mod dialects;
mod health;
mod hostile;
mod hosts;
mod lifecycle;
mod limits;
mod listeners;
mod maintenance;
mod metrics;
mod mounted;
mod probes;
mod reports;
mod runs;
mod runtimes;
mod scopes;
mod scrapes;
mod self_tests;
mod slow;
mod smuggling;
mod start;
mod streams;
mod support;
mod targets;
mod token_file;
