//! `link_all!`: links the dependencies that hold checks, and writes down which ones the program has to have.
//!
//! ```text
//! rustc's command line -> externs, folders ---------+-> `extern crate .. as _;`
//! cargo tree           -> who depends on mad-core --+-> `Expected { .. }`
//! crate metadata       -> who holds checks ---------+
//! ```
//!
//! None of this is promised by rustc or Cargo. What cannot be understood is said in `Expected`, and
//! never makes a program refuse to start.

mod dependents;
mod metadata;
mod rustc_arguments;

use std::collections::BTreeSet;
use std::env;
use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::link_all::dependents::Dependents;
use crate::link_all::metadata::{Artefacts, holds_checks};
use crate::link_all::rustc_arguments::RustcArguments;

/// Expands to the links and the list; `mad_core` is the path of mad-core.
pub(crate) fn link_all(mad_core: &TokenStream) -> TokenStream {
    let surroundings = Surroundings::find();
    let plan = match &surroundings {
        Ok(surroundings) => Plan::make(surroundings),
        Err(why) => Plan::unknown(why.clone()),
    };
    plan.write(mad_core)
}

/// The build that the macro finds itself in.
struct Surroundings {
    arguments: RustcArguments,
    dependents: Result<Dependents, String>,
}

impl Surroundings {
    fn find() -> Result<Self, String> {
        let arguments = RustcArguments::read(env::args_os())?;
        let dependents = Dependents::ask_cargo(&arguments);
        Ok(Self {
            arguments,
            dependents,
        })
    }
}

/// What is to be linked, and what the program has to have.
#[derive(Debug, Default, Eq, PartialEq)]
struct Plan {
    /// Names as the code knows them, which a renamed dependency has of its own.
    links: BTreeSet<String>,
    expected: Vec<Expected>,
    /// Why more could not be found out.
    unavailable: Option<String>,
}

/// A crate that holds checks.
#[derive(Debug, Eq, PartialEq)]
struct Expected {
    crate_name: String,
    /// The crates that depend on it; empty where this one does.
    dependents: Vec<String>,
}

impl Plan {
    fn unknown(why: String) -> Self {
        Self {
            unavailable: Some(why),
            ..Self::default()
        }
    }

    fn make(surroundings: &Surroundings) -> Self {
        let mut plan = Self::default();
        plan.link_direct_dependencies(&surroundings.arguments);
        match &surroundings.dependents {
            Ok(dependents) => plan.expect_the_rest(&surroundings.arguments, dependents),
            Err(why) => plan.unavailable = Some(why.clone()),
        }
        plan
    }

    /// A direct dependency has one artefact, which the command line names: no doubt is possible.
    fn link_direct_dependencies(&mut self, arguments: &RustcArguments) {
        for dependency in &arguments.externs {
            match holds_checks(&dependency.path) {
                Ok(false) => {}
                Ok(true) => {
                    if self.links.insert(dependency.name.clone()) {
                        self.expected.push(Expected {
                            crate_name: dependency.crate_name.clone(),
                            dependents: Vec::new(),
                        });
                    }
                }
                Err(error) => {
                    let path = dependency.path.display();
                    self.unavailable = Some(format!("{path} cannot be read: {error}"));
                }
            }
        }
    }

    /// Of a dependency's dependency nothing is known but its name. It is expected when it is sure to
    /// hold checks, and the direct dependencies that lead to it are linked.
    fn expect_the_rest(&mut self, arguments: &RustcArguments, dependents: &Dependents) {
        let artefacts = Artefacts::of(arguments);
        for crate_name in dependents.crates() {
            let is_known = |it: &rustc_arguments::Extern| it.crate_name == crate_name;
            // Nobody depends on the package that is being built.
            let is_own = dependents.direct(crate_name).next().is_none();
            if is_own || arguments.externs.iter().any(is_known) {
                continue;
            }
            match artefacts.hold_checks(crate_name) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(why) => {
                    self.unavailable = Some(why);
                    continue;
                }
            }
            let on_the_way = dependents.transitive(crate_name);
            for dependency in &arguments.externs {
                if on_the_way.contains(dependency.crate_name.as_str()) {
                    self.links.insert(dependency.name.clone());
                }
            }
            self.expected.push(Expected {
                crate_name: crate_name.to_owned(),
                dependents: dependents.direct(crate_name).map(str::to_owned).collect(),
            });
        }
    }

    fn write(&self, mad_core: &TokenStream) -> TokenStream {
        let private = quote!(#mad_core::__private);
        let links = self.links.iter().map(|name| {
            let name = extern_name(name);
            quote!(extern crate #name as _;)
        });
        let crates = self.expected.iter().map(|expected| {
            let Expected {
                crate_name,
                dependents,
            } = expected;
            quote!(#private::ExpectedCrate { name: #crate_name, dependents: &[#(#dependents),*] })
        });
        let unavailable = self.unavailable.as_ref().map_or_else(
            || quote!(::core::option::Option::None),
            |why| quote!(::core::option::Option::Some(#why)),
        );
        quote! {
            #(#links)*
            const _: () = {
                #private::inventory::submit! {
                    #private::Expected {
                        by: ::core::module_path!(),
                        crates: &[#(#crates),*],
                        unavailable: #unavailable,
                    }
                }
            };
        }
    }
}

/// Returns the name as an identifier, raw where it is a keyword.
fn extern_name(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// Returns the name of the crate in a library's file: `libdep_b-0123abcd.rlib` holds `dep_b`.
fn crate_name(file: &Path) -> Option<&str> {
    let stem = file.file_stem()?.to_str()?.strip_prefix("lib")?;
    Some(stem.split_once('-').map_or(stem, |(name, _)| name))
}
