//! What each format makes of the same families.
//!
//! After a change that is meant, `UPDATE_EXPECT=1 cargo test -p mad-metrics --test formats` writes the files
//! in `golden`, to be read line by line.

mod families;
mod messages;
mod numbers;
mod protobuf;
mod text;
