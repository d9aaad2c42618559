//! Everybody.

pub mod floor;
pub mod foundations;
pub mod mad;
pub mod measured;
pub mod mep;
pub mod metriken;
pub mod otel;
pub mod prometheus;
pub mod prometheus_client;
