//! The locks and threads of the rooms whose interleavings are tried out.
//!
//! In every ordinary build these are the ones of `parking_lot` and the standard library, and nothing
//! else. With `--cfg mad_loom` they are those of [loom](https://docs.rs/loom), which runs a model in
//! every order that its threads can take. The name is our own: other crates listen to `loom`, and
//! would change, too. `cargo xtask test` has a stage for it.

#[cfg(not(all(test, mad_loom)))]
pub(crate) use parking_lot::{Condvar, Mutex, RwLock};
#[cfg(not(all(test, mad_loom)))]
pub(crate) use std::{
    sync::atomic::{AtomicU8, AtomicU64},
    thread,
};

#[cfg(all(test, mad_loom))]
pub(crate) use loom::{
    sync::atomic::{AtomicU8, AtomicU64},
    thread,
};
#[cfg(all(test, mad_loom))]
pub(crate) use modelled::{Condvar, Mutex, RwLock, in_every_order};

#[cfg(all(test, mad_loom))]
mod modelled;
