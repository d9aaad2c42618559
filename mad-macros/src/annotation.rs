//! The way of every annotation: read, check, expand.

use proc_macro2::TokenStream;
use quote::quote;

use crate::function::Function;
use crate::mistakes::Mistakes;
use crate::neighbour;
use crate::options::{self, Options};

/// What an annotation adds to its options.
pub(crate) trait Annotation: Options {
    /// Adds what is wrong with the options and the function together.
    fn check(&self, function: &Function, mistakes: &mut Mistakes);

    /// Says why an attribute that makes a unit test cannot stand beside this one.
    fn conflict_with_unit_test(&self) -> &'static str;

    /// Says what to write instead of an attribute that makes a test of a property.
    fn conflict_with_properties(&self) -> &'static str;

    /// Returns the item and what is generated beside it; there are no mistakes.
    fn expand(&self, function: &Function, item: TokenStream) -> TokenStream;
}

/// Expands an annotation, or says everything that is wrong with it.
pub(crate) fn annotate<A: Annotation>(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let options: A = options::read(arguments, &mut mistakes);
    let function = mistakes.keep(syn::parse2::<Function>(item.clone()));
    if let Some(function) = &function {
        options.check(function, &mut mistakes);
    }
    match (mistakes.into_error(), function) {
        (None, Some(function)) => options.expand(&function, item),
        (error, _) => {
            // The item stays: without it, each of its callers would be an error too. What is refused
            // beside it goes, as it would add mistakes of its own.
            let item = neighbour::without_refused(item);
            let errors = error.map(syn::Error::into_compile_error);
            quote!(#item #errors)
        }
    }
}
