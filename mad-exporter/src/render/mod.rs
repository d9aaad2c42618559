//! What is known, as text and JSON. Nothing here knows how it is sent.

mod aspnet;
pub(crate) mod checks_json;
pub(crate) mod dashboard;
mod facts;
pub(crate) mod format;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod golden_file;
mod health_json;
pub(crate) mod index;
pub(crate) mod kubernetes;
mod line;
pub(crate) mod maintenance_json;
mod microprofile;
mod nagios;
pub(crate) mod openapi;
mod place;
mod plugin;
pub(crate) mod problem;
pub(crate) mod reason;
pub(crate) mod self_test_json;
pub(crate) mod self_test_report;
mod since;
#[cfg(test)]
mod snapshots;
pub(crate) mod spring;
pub(crate) mod state;
pub(crate) mod state_events;
pub(crate) mod status_line;
mod text;
pub(crate) mod timestamp;
pub(crate) mod view;
pub(crate) mod weights_json;
