//! The locks and atomics of the rooms whose interleavings are tried out.
//!
//! In every ordinary build these are the ones of `parking_lot`, `once_cell` and the standard library. With
//! `--cfg mad_loom` they are those of [loom](https://docs.rs/loom), which runs a model in every order that
//! its threads can take. `cargo xtask test` has a stage for it.

#[cfg(not(all(test, mad_loom)))]
pub(crate) use once_cell::race::OnceBox;
#[cfg(not(all(test, mad_loom)))]
pub(crate) use parking_lot::{Mutex, RwLock};
#[cfg(not(all(test, mad_loom)))]
pub(crate) use std::hint::spin_loop;
#[cfg(not(all(test, mad_loom)))]
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, fence},
};

#[cfg(all(test, mad_loom))]
pub(crate) use loom::hint::spin_loop;
#[cfg(all(test, mad_loom))]
pub(crate) use loom::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, fence},
};
#[cfg(all(test, mad_loom))]
pub(crate) use modelled::{Mutex, OnceBox, RwLock, in_every_order};

#[cfg(all(test, mad_loom))]
mod modelled;
