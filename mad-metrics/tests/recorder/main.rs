//! The recorder behind the facade, tried as a program uses it.

mod cardinality;
mod declared_buckets;
mod differential;
mod gauges_read_for_a_page;
mod hostile;
mod idle;
mod operations;
mod page;
