//! The annotations of mad-core. Depend on mad-core, which re-exports them.

mod annotation;
mod argument;
mod check;
mod documentation;
mod duration;
mod expand;
mod function;
mod health_check;
mod list;
mod literal;
mod mistakes;
mod names;
mod options;
mod provider;
mod self_test;
mod shared;
mod suggestion;

use proc_macro::TokenStream;

use crate::annotation::annotate;

/// Health check.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate::<health_check::HealthCheck>(arguments.into(), item.into()).into()
}

/// Self-test.
#[proc_macro_attribute]
pub fn self_test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate::<self_test::SelfTest>(arguments.into(), item.into()).into()
}

/// Provider.
#[proc_macro_attribute]
pub fn provider(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate::<provider::Provider>(arguments.into(), item.into()).into()
}
