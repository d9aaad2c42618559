//! What sources annotate, what a program holds of it, and why the rest is missing.
//!
//! A check that the compiler never saw, or that the linker left out, is not red: it is not there. So the sources
//! are read and held against the checks of the program, wherever those are known from: a test asks its own
//! registry (`mad_core::testing::assert_all_linked!`), and `mad doctor` [reads](Registration::all_in) the
//! executable file.
//!
//! ```no_run
//! use std::fs;
//!
//! use mad_sources::{Comparison, Program, Registration};
//!
//! let program = Program::new("shop@1.2.0", "/src/shop", "src/main.rs");
//! let executable = fs::read("/src/shop/target/release/shop")?;
//! let linked = Registration::all_in(&executable);
//! let mut comparison = Comparison::new(linked, &[]);
//! comparison.read_sources(&program, &program.packages()?)?;
//! assert!(comparison.is_complete(), "{comparison}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod annotations;
mod comparison;
mod error;
mod manifest;
mod packages;
mod program;
mod registration;
mod sources;

pub use comparison::Comparison;
pub use error::SourcesError;
pub use packages::Package;
pub use program::Program;
pub use registration::Registration;

/// What another library says went wrong.
type BoxError = Box<dyn std::error::Error + Send + Sync>;
