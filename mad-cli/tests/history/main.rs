//! `mad history`, `mad bisect` and `mad incident`, on repositories that are made for the occasion.

mod incidents;
mod project;
