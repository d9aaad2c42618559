//! What the end-to-end tests share: the demo service and real servers as processes of their own, on
//! loopback and free ports, ended when a test ends.

mod alertmanager;
pub mod artefacts;
pub mod attack;
mod authority;
mod bare;
mod browser;
pub mod chaos;
mod document;
mod foreign;
pub mod fuzzed;
mod http;
mod judge;
pub mod load;
mod metered;
mod process;
mod project;
mod prometheus;
mod receiver;
mod recorded;
mod samples;
mod scrape;
mod served;
mod shop;
mod steps;
mod supervised;
mod wait;
mod workspace;

pub use alertmanager::Alertmanager;
pub use authority::Authority;
pub use bare::serve_bare;
pub use browser::{Browser, Screen};
pub use document::{Shown, commands, follow, search_path};
pub use foreign::{go_program, java_program};
pub use http::{Answer, Request, get, get_accepting, request};
pub use judge::{expfmt_reads, promtool_parses, python_client_reads};
pub use judge::{
    health_schema_complaints, icinga_reads, json_schema_complaints, junit_report, ktap_report,
    openapi_complaints, promtool_check_metrics, prove_reads, python_client_parses, python_command,
    python_judge, schemathesis, sse_events, tap_report,
};
pub use metered::{Metered, good, good_with_any_names, record_good, record_hostile};
pub use project::{Built, Project};
pub use prometheus::Prometheus;
pub use receiver::{
    Agent, Carbon, Cassandra, ClickHouse, Collector, InfluxDb, MariaDb, MongoDb, Nginx, OpenTsdb,
    Pushgateway, ReceivingPrometheus, Redis, Rotel, Rrdcached, StatsD, VictoriaMetrics,
    on_small_disk,
};
pub use recorded::{Recorded, SUBJECTS, Series, Stored, causes, now};
pub use samples::Samples;
pub use scrape::{Format, gunzipped_page, page, scrape};
pub use served::{Served, readiness};
pub use shop::{Shop, TOKEN, build_mad, mad};
pub use steps::{Failure, Step};
pub use supervised::{Ear, Supervised};
pub use wait::eventually;
pub use workspace::typed;
