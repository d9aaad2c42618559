//! Options: one table for each annotation, and one reader for all of them.
//!
//! A table row is an [`OptionRule`]: the option's word, how it is written, and a function that puts
//! its value into the model. Unknown and repeated options are found here, for every table alike.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser as _;

use crate::argument::{Argument, Given};
use crate::health_check::HealthCheck;
use crate::list::split_at_commas;
use crate::measured::Measured;
use crate::mistakes::Mistakes;
use crate::provider::Provider;
use crate::self_test::SelfTest;
use crate::suggestion::nearest;

/// The arguments of one annotation, as a model that starts with nothing said.
pub(crate) trait Options: Default {
    /// The annotation as users write it.
    const WRITTEN: &'static str;

    /// Returns the table of its options.
    fn rules() -> Vec<OptionRule<Self>>;
}

/// One row of a table of options.
pub(crate) struct OptionRule<O> {
    /// The option's word.
    word: &'static str,
    /// How the option is written, for messages.
    form: &'static str,
    /// Whether it may be given more than once.
    is_repeatable: bool,
    /// Reads the value into the model.
    read: ReadOption<O>,
}

type ReadOption<O> = fn(&mut O, &Given<'_>) -> syn::Result<()>;

/// Makes the row of an option.
pub(crate) fn option<O>(
    word: &'static str,
    form: &'static str,
    read: ReadOption<O>,
) -> OptionRule<O> {
    OptionRule {
        word,
        form,
        is_repeatable: false,
        read,
    }
}

/// Makes the row of an option that may be given more than once.
pub(crate) fn repeatable<O>(
    word: &'static str,
    form: &'static str,
    read: ReadOption<O>,
) -> OptionRule<O> {
    OptionRule {
        word,
        form,
        is_repeatable: true,
        read,
    }
}

/// Puts a value that was read into its place in the model.
pub(crate) fn set<S, T: Into<S>>(place: &mut S, value: syn::Result<T>) -> syn::Result<()> {
    *place = value?.into();
    Ok(())
}

/// Reads the arguments of an annotation; what is wrong is added to the mistakes and left out.
pub(crate) fn read<O: Options>(arguments: TokenStream, mistakes: &mut Mistakes) -> O {
    let rules = O::rules();
    let mut options = O::default();
    let mut seen = HashSet::new();
    for tokens in split_at_commas(arguments) {
        if let Some(argument) = mistakes.keep(parse(tokens, &rules)) {
            let read = read_one(&argument, &rules, &mut seen, &mut options);
            if mistakes.keep(read).is_none() {
                mistakes.add_unread(&argument.word);
            }
        }
    }
    options
}

fn read_one<O: Options>(
    argument: &Argument,
    rules: &[OptionRule<O>],
    seen: &mut HashSet<&'static str>,
    options: &mut O,
) -> syn::Result<()> {
    let rule = find(rules, &argument.word)?;
    if !seen.insert(rule.word) && !rule.is_repeatable {
        return Err(refused(
            &argument.word,
            &format!("`{}` is given twice", rule.word),
        ));
    }
    let form = rule.form;
    (rule.read)(options, &Given { argument, form })
}

fn parse<O>(tokens: TokenStream, rules: &[OptionRule<O>]) -> syn::Result<Argument> {
    let parse = <Argument as syn::parse::Parse>::parse;
    parse.parse2(tokens.clone()).map_err(|_| {
        let is_meant = |rule: &&OptionRule<O>| {
            let first = tokens.clone().into_iter().next();
            matches!(first, Some(TokenTree::Ident(word)) if word == rule.word)
        };
        let form = rules.iter().find(is_meant).map(|rule| rule.form);
        let message = match (form, rules.first()) {
            (Some(form), _) => format!("write {form}"),
            (None, Some(rule)) => format!("an option begins with its name: {}", rule.form),
            (None, None) => "there are no options".to_owned(),
        };
        syn::Error::new_spanned(tokens, message)
    })
}

fn find<'a, O: Options>(
    rules: &'a [OptionRule<O>],
    word: &Ident,
) -> syn::Result<&'a OptionRule<O>> {
    let known = rules.iter().find(|rule| word == rule.word);
    known.ok_or_else(|| refused(word, &unknown::<O>(&word.to_string(), rules)))
}

fn unknown<O: Options>(word: &str, rules: &[OptionRule<O>]) -> String {
    let homes = homes_of(word);
    if !homes.is_empty() {
        return format!(
            "`{word}` is an option of {}; {}",
            listed(homes),
            accepted(rules)
        );
    }
    match nearest(word, rules.iter().map(|rule| rule.word)) {
        Some(near) => format!("unknown option `{word}`; did you mean `{near}`?"),
        None => format!("unknown option `{word}`; {}", accepted(rules)),
    }
}

fn accepted<O: Options>(rules: &[OptionRule<O>]) -> String {
    let words = listed(rules.iter().map(|rule| rule.word));
    format!("`{}` accepts {words}", O::WRITTEN)
}

/// Returns the annotations that have this option.
fn homes_of(word: &str) -> Vec<&'static str> {
    fn home<O: Options>(word: &str) -> Option<&'static str> {
        let is_known = O::rules().iter().any(|rule| rule.word == word);
        is_known.then_some(O::WRITTEN)
    }
    let homes = [
        home::<HealthCheck>(word),
        home::<SelfTest>(word),
        home::<Provider>(word),
        home::<Measured>(word),
    ];
    homes.into_iter().flatten().collect()
}

fn listed(words: impl IntoIterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn refused(word: &Ident, message: &str) -> syn::Error {
    syn::Error::new(word.span(), message)
}
