//! What macros are given, as far as it parses as Rust.

use syn::punctuated::Punctuated;
use syn::visit::Visit as _;
use syn::{Expr, Macro, Token};

use super::Visitor;

impl Visitor {
    /// Arguments, as of `assert!` and `format!`.
    pub(super) fn macro_arguments(&mut self, called: &Macro) {
        let arguments = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        for argument in arguments.iter().flatten() {
            self.visit_expr(argument);
        }
    }

    /// Items, as in a macro that stands for a `cfg`.
    pub(super) fn macro_items(&mut self, called: &Macro) {
        if let Ok(items) = called.parse_body::<syn::File>() {
            self.visit_file(&items);
        }
    }
}
