//! Who calls whom in a package, as far as names tell it.
//!
//! No type is known here. What a name leads to is taken from where it stands and from what the package has of that
//! name; where that leaves more than one function, none is taken. So calls through trait objects, generics and
//! function pointers are missing, and a method of another package's type is taken for one of this package's if only
//! one of them has its name and as many parameters.

use std::collections::{BTreeSet, HashMap};

use super::functions::Function;
use crate::graph;

/// A call, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    /// `place`, `orders::place`, `Order::place`, `Self::place`.
    Path(Vec<String>),
    /// `it.place(order)`: with how many arguments, `it` among them.
    Method {
        name: String,
        arguments: u64,
        /// Whether `it` is `self`.
        is_on_self: bool,
    },
}

/// Where a function stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// The modules of its file that it is in.
    pub(super) modules: Vec<String>,
    /// The type or trait whose it is.
    pub(super) owner: Option<String>,
    /// Whether it takes `self`.
    pub(super) is_method: bool,
}

/// A function with the file that it is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'source> {
    /// The path in the package.
    pub(super) file: &'source str,
    pub(super) function: &'source Function,
}

/// How deep each of a package's functions calls others of it, itself counted.
pub(super) fn depths(package: &str, functions: &[Placed<'_>]) -> Vec<u64> {
    let names = Names::of(package, functions);
    let calls = (0..functions.len()).map(|caller| names.called_by(caller));
    graph::depths(&calls.collect::<Vec<_>>())
}

/// The functions of a package by the last part of their names.
struct Names<'source> {
    /// The package, as its tests and programs call its library.
    library: String,
    functions: &'source [Placed<'source>],
    modules: Vec<Vec<&'source str>>,
    of_name: HashMap<&'source str, Vec<usize>>,
}

impl<'source> Names<'source> {
    fn of(package: &str, functions: &'source [Placed<'source>]) -> Self {
        let mut of_name = HashMap::<_, Vec<_>>::new();
        for (index, placed) in functions.iter().enumerate() {
            of_name.entry(placed.name()).or_default().push(index);
        }
        Self {
            library: package.replace('-', "_"),
            functions,
            modules: functions.iter().map(Placed::modules).collect(),
            of_name,
        }
    }

    fn called_by(&self, caller: usize) -> Vec<usize> {
        let calls = self.functions[caller].function.calls.iter();
        let functions = calls.filter_map(|call| match call {
            Call::Path(path) => self.path(caller, path),
            Call::Method {
                name,
                arguments,
                is_on_self,
            } => self.method(caller, name, *arguments, *is_on_self),
        });
        functions.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn path(&self, caller: usize, path: &[String]) -> Option<usize> {
        let (name, before) = path.split_last()?;
        let all = self.of_name.get(name.as_str())?;
        let (from, own_owner) = (&self.modules[caller], self.owner(caller));
        match before.last().map(String::as_str) {
            None => {
                let free = all.iter().filter(|one| self.owner(**one).is_none());
                self.nearest(caller, free.copied())
            }
            Some("Self") => {
                let own = all.iter().filter(|one| self.owner(**one) == own_owner);
                self.nearest(caller, own.copied())
            }
            Some(qualifier) => {
                let owner = all
                    .iter()
                    .filter(|one| self.owner(**one) == Some(qualifier));
                let of_type = self.nearest(caller, owner.copied());
                let free = all.iter().filter(|one| self.owner(**one).is_none());
                let module = self.absolute(from, before);
                let there = free.clone().filter(|one| self.modules[**one] == module);
                // What comes before may have been imported, or renamed.
                let below = free
                    .clone()
                    .filter(|one| self.modules[**one].ends_with(&module));
                of_type
                    .or_else(|| self.nearest(caller, there.copied()))
                    .or_else(|| self.nearest(caller, below.copied()))
                    // It may have been exported from elsewhere, if it is of this package at all.
                    .or_else(|| only(free.copied()).filter(|_| self.is_own(before)))
            }
        }
    }

    fn method(&self, caller: usize, name: &str, arguments: u64, is_on_self: bool) -> Option<usize> {
        let fits = |one: &usize| {
            let function = self.functions[*one].function;
            function.scope.is_method && function.parameters == arguments
        };
        let methods = self.of_name.get(name)?.iter().copied().filter(fits);
        let own_owner = self.owner(caller).filter(|_| is_on_self);
        let own = methods
            .clone()
            .filter(|one| own_owner.is_some() && self.owner(*one) == own_owner);
        self.nearest(caller, own).or_else(|| only(methods))
    }

    /// The modules that are meant by what stands before a name: `crate`, `self` and `super` begin somewhere that is known.
    fn absolute<'path>(&self, from: &[&'path str], before: &'path [String]) -> Vec<&'path str> {
        let mut modules = Vec::new();
        for (index, part) in before.iter().enumerate() {
            match part.as_str() {
                "crate" => modules.clear(),
                "self" => modules = from.to_vec(),
                "super" => {
                    if index == 0 {
                        modules = from.to_vec();
                    }
                    modules.pop();
                }
                part if index == 0 && part == self.library => modules.clear(),
                part => modules.push(part),
            }
        }
        modules
    }

    fn is_own(&self, path: &[String]) -> bool {
        let own = ["crate", "self", "super", &self.library];
        path.first()
            .is_some_and(|first| own.contains(&first.as_str()))
    }

    fn owner(&self, function: usize) -> Option<&str> {
        self.functions[function].function.scope.owner.as_deref()
    }

    /// The only one; of several the only one of the caller's module, or of its file.
    fn nearest(
        &self,
        caller: usize,
        candidates: impl Iterator<Item = usize> + Clone,
    ) -> Option<usize> {
        let file = self.functions[caller].file;
        let in_file = candidates
            .clone()
            .filter(|one| self.functions[*one].file == file);
        let in_module = in_file
            .clone()
            .filter(|one| self.modules[*one] == self.modules[caller]);
        only(in_module)
            .or_else(|| only(in_file))
            .or_else(|| only(candidates))
    }
}

impl<'source> Placed<'source> {
    fn name(&self) -> &'source str {
        let name = &self.function.name;
        name.rsplit_once("::").map_or(name, |(_, last)| last)
    }

    /// From the root of its crate: those that its path stands for, and those within.
    fn modules(&self) -> Vec<&'source str> {
        let path = self.file.strip_suffix(".rs").unwrap_or(self.file);
        let path = path.strip_prefix("src/").unwrap_or(path);
        let folders = path
            .split('/')
            .filter(|part| !matches!(*part, "lib" | "main" | "mod"));
        let within = self.function.scope.modules.iter().map(String::as_str);
        folders.chain(within).collect()
    }
}

fn only(mut candidates: impl Iterator<Item = usize>) -> Option<usize> {
    let first = candidates.next()?;
    candidates.next().is_none().then_some(first)
}
