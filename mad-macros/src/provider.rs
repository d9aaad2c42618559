//! `#[provider]`: its options, its rules, what it becomes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Path;

use crate::annotation::Annotation;
use crate::check;
use crate::expand;
use crate::function::Function;
use crate::mistakes::Mistakes;
use crate::options::{OptionRule, Options, option, set};
use crate::shared::CRATE_FORM;

/// What a `#[provider]` says.
#[derive(Default)]
pub(crate) struct Provider {
    pub(crate) test: Option<Ident>,
    pub(crate) mad_core: Option<Path>,
}

impl Options for Provider {
    const WRITTEN: &'static str = "#[provider]";

    fn rules() -> Vec<OptionRule<Self>> {
        vec![
            option("test", "`test` alone", |p: &mut Self, given| {
                set(&mut p.test, given.bare())
            }),
            option("crate", CRATE_FORM, |p, given| {
                set(&mut p.mad_core, given.path())
            }),
        ]
    }
}

impl Annotation for Provider {
    fn check(&self, function: &Function, mistakes: &mut Mistakes) {
        check::function(self, function, mistakes);
        check::parameters(function, mistakes);
        check::provided(function, mistakes);
    }

    fn conflict_with_unit_test(&self) -> &'static str {
        "a provider is no unit test, and would be missing in the service"
    }

    fn conflict_with_properties(&self) -> &'static str {
        "only a `#[self_test]` is a unit test"
    }

    /// A provider for tests is left out of the program together with its function, which may use
    /// what only tests depend on.
    fn expand(&self, function: &Function, item: TokenStream) -> TokenStream {
        let only_in_tests = self.test.as_ref().map(|_| quote!(#[cfg(test)]));
        let unnamed = expand::unnamed(function, &expand::provider(self, function));
        quote!(#only_in_tests #item #only_in_tests #unnamed)
    }
}
