//! What the fuzz targets do with bytes, and what must hold. The ordinary tests do it with the seeds.

mod ingest;
mod instance;
mod judges;
mod report;
mod request;
mod selection;

pub use ingest::ingest;
pub use report::report;
pub use request::request;
pub use selection::selection;
