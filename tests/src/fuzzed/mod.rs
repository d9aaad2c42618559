//! What the fuzz targets do with bytes, and what must hold. The ordinary tests do it with the seeds.

mod exposition;
mod ingest;
mod instance;
mod judges;
mod messages;
mod relay;
mod report;
mod request;
mod selection;
mod sinks;

pub use exposition::exposition;
pub use ingest::ingest;
pub use relay::relay;
pub use report::report;
pub use request::request;
pub use selection::selection;
pub use sinks::sinks;
