//! Collects what is wrong with one annotation, so that all of it is said at once.

use std::collections::HashSet;
use std::fmt::Display;

use proc_macro2::Ident;
use quote::ToTokens;

/// Every mistake found so far.
#[derive(Default)]
pub(crate) struct Mistakes {
    error: Option<syn::Error>,
    unread: HashSet<String>,
}

impl Mistakes {
    /// Adds a mistake that points at these tokens.
    pub(crate) fn add(&mut self, at: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    /// Adds the mistake, if it is one, and goes on with the value, if there is one.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Remembers an option that could not be read, so that nobody misses it afterwards.
    pub(crate) fn add_unread(&mut self, option: &Ident) {
        self.unread.insert(option.to_string());
    }

    /// Says whether an option stands there but could not be read.
    pub(crate) fn is_unread(&self, option: &str) -> bool {
        self.unread.contains(option)
    }

    pub(crate) fn into_error(self) -> Option<syn::Error> {
        self.error
    }

    fn push(&mut self, error: syn::Error) {
        match &mut self.error {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }
}
