//! What is known, as text and JSON. Nothing here knows how it is sent.

pub(crate) mod health_json;
pub(crate) mod index;
pub(crate) mod kubernetes;
pub(crate) mod maintenance_json;
pub(crate) mod problem;
mod reason;
pub(crate) mod self_test_json;
pub(crate) mod self_test_report;
pub(crate) mod status_line;
mod timestamp;
