//! Annotations.
use proc_macro::TokenStream;
/// Health check.
#[proc_macro_attribute]
pub fn health_check(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
/// Self-test.
#[proc_macro_attribute]
pub fn self_test(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
/// Provider.
#[proc_macro_attribute]
pub fn provider(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
