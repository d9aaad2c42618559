//! `mad history`, `mad bisect` and `mad incident`, on repositories that are made for the occasion.

mod bisects;
mod cargo_projects;
mod incidents;
mod killed;
mod needed;
mod odd_shapes;
mod planted;
mod project;
mod walks;
mod worked_case;
