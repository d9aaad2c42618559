//! `#[measured]`: its options, its rules, what it becomes.
//!
//! Its function may be nearly any.

mod body;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, LitStr, Path};

use crate::argument::{Variant, WrittenDuration};
use crate::expand::private;
use crate::function::Function;
use crate::mistakes::Mistakes;
use crate::options::{self, OptionRule, Options, option, set};
use crate::shared::CRATE_FORM;
use body::{Body, returns_never};

/// What a `#[measured]` says.
#[derive(Default)]
pub(crate) struct Measured {
    name: Option<LitStr>,
    sample: Option<u32>,
    objective: Option<LitStr>,
    success_rate: Option<(Variant, LitStr)>,
    latency: Option<WrittenDuration>,
    latency_percentile: Option<(Variant, LitStr)>,
    mad_core: Option<Path>,
}

/// The percentiles that Autometrics has recording rules for.
const PERCENTILES: [(&str, Variant); 4] = [
    ("90", Variant("90")),
    ("95", Variant("95")),
    ("99", Variant("99")),
    ("99.9", Variant("99.9")),
];

/// The bounds of its buckets, in milliseconds and as it writes them in seconds.
const BOUNDS: [(u128, &str); 14] = [
    (5, "0.005"),
    (10, "0.01"),
    (25, "0.025"),
    (50, "0.05"),
    (75, "0.075"),
    (100, "0.1"),
    (250, "0.25"),
    (500, "0.5"),
    (750, "0.75"),
    (1_000, "1"),
    (2_500, "2.5"),
    (5_000, "5"),
    (7_500, "7.5"),
    (10_000, "10"),
];

impl Options for Measured {
    const WRITTEN: &'static str = "#[measured]";

    #[rustfmt::skip]
    fn rules() -> Vec<OptionRule<Self>> {
        vec![
            option("name", "`name = \"Shop::place\"`", |m: &mut Self, given| set(&mut m.name, given.text())),
            option("sample", "`sample = 16`", |m, given| set(&mut m.sample, given.number(1..=1_000_000))),
            option("objective", "`objective = \"api\"`", |m, given| set(&mut m.objective, given.text())),
            option("success_rate", "`success_rate = \"99.9\"`, or `\"90\"`, `\"95\"`, `\"99\"`", |m, given| set(&mut m.success_rate, given.one_of_texts(&PERCENTILES))),
            option("latency", "`latency = \"250ms\"`", |m, given| set(&mut m.latency, given.duration())),
            option("latency_percentile", "`latency_percentile = \"99\"`, or `\"90\"`, `\"95\"`, `\"99.9\"`", |m, given| set(&mut m.latency_percentile, given.one_of_texts(&PERCENTILES))),
            option("crate", CRATE_FORM, |m, given| set(&mut m.mad_core, given.path())),
        ]
    }
}

/// Expands the annotation, or says everything that is wrong with it and leaves the item as it is.
pub(crate) fn measure(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let options: Measured = options::read(arguments, &mut mistakes);
    let function = mistakes.keep(syn::parse2::<Function>(item.clone()));
    if let Some(function) = &function {
        options.check(function, &mut mistakes);
    }
    match (mistakes.into_error(), function) {
        (None, Some(function)) => options.expand(&function, item),
        (error, _) => {
            let errors = error.map(syn::Error::into_compile_error);
            quote!(#item #errors)
        }
    }
}

impl Measured {
    fn check(&self, function: &Function, mistakes: &mut Mistakes) {
        if let Some(constness) = &function.qualifiers.constness {
            mistakes.add(
                constness,
                "a `const fn` runs in the compiler, too, where nothing can be counted",
            );
        }
        let is_tracked = |attribute: &&Attribute| attribute.path().is_ident("track_caller");
        if let Some(attribute) = function.attributes.iter().find(is_tracked) {
            mistakes.add(
                attribute.path(),
                "the body of a measured function is a closure's, which is not told who called: leave this out, or \
                 measure a function that this one calls",
            );
        }
        let is_measured = |attribute: &&Attribute| {
            let last = attribute.path().segments.last();
            last.is_some_and(|last| last.ident == "measured")
        };
        if let Some(attribute) = function.attributes.iter().find(is_measured) {
            mistakes.add(attribute, "delete this: each call would be counted twice");
        }
        self.check_objective(mistakes);
        self.check_latency(mistakes);
    }

    fn check_objective(&self, mistakes: &mut Mistakes) {
        let is_given = |word: &str, given: bool| given || mistakes.is_unread(word);
        let has_name = is_given("objective", self.objective.is_some());
        let has_goal = is_given("success_rate", self.success_rate.is_some())
            || is_given("latency", self.latency.is_some())
            || is_given("latency_percentile", self.latency_percentile.is_some());
        if let Some(name) = &self.objective
            && !is_objective(&name.value())
        {
            mistakes.add(
                name,
                "the name of an objective has letters and digits of ASCII, `_`, `-` and spaces, and begins with one of \
                 the former: rules that are made of it know no others",
            );
        }
        if let Some(name) = &self.objective
            && !has_goal
        {
            mistakes.add(
                name,
                "an objective has a goal: `success_rate = \"99.9\"`, or `latency = \"250ms\"` with \
                 `latency_percentile = \"99\"`",
            );
        }
        if has_name {
            return;
        }
        let goals = [
            self.success_rate.as_ref().map(|(_, text)| text),
            self.latency.as_ref().map(|latency| &latency.literal),
            self.latency_percentile.as_ref().map(|(_, text)| text),
        ];
        for goal in goals.into_iter().flatten() {
            mistakes.add(
                goal,
                "this is the goal of an objective: add `objective = \"api\"`, its name",
            );
        }
    }

    fn check_latency(&self, mistakes: &mut Mistakes) {
        match (&self.latency, &self.latency_percentile) {
            (Some(latency), None) if !mistakes.is_unread("latency_percentile") => mistakes.add(
                &latency.literal,
                "how many calls are to be as quick? Add `latency_percentile = \"99\"`",
            ),
            (None, Some((_, percentile))) if !mistakes.is_unread("latency") => mistakes.add(
                percentile,
                "how quick are they to be? Add `latency = \"250ms\"`",
            ),
            _ => {}
        }
        if let Some(latency) = &self.latency
            && bound(latency).is_none()
        {
            let bounds = BOUNDS.map(|(_, seconds)| seconds).join(", ");
            mistakes.add(
                &latency.literal,
                format_args!(
                    "only a bound of the histogram can be told from it; in seconds: {bounds}"
                ),
            );
        }
    }

    /// Returns the function with its body in a closure or an `async` block.
    fn expand(&self, function: &Function, item: TokenStream) -> TokenStream {
        let mut signature: Vec<TokenTree> = item.into_iter().collect();
        let body = Body::of(signature.pop());
        let private = private(self.mad_core.as_ref());
        let begin = self.begin(function, &private);
        let call = local("__mad_call");
        let returned = local("__mad_returned");
        let run = body.run(function, &call, &private);
        let run_and_finish = if returns_never(function) {
            // The call ends with a panic, or with the process.
            run
        } else {
            quote! {
                let #returned = #run;
                #[allow(unused_imports, reason = "which of them is needed depends on the type")]
                use #private::{ReturnsAnything as _, ReturnsFuture as _};
                (&#private::returned(&#returned)).finish_measured_call(#call, #returned)
            }
        };
        let measured = body.with(quote! {
            let #call = #begin;
            #run_and_finish
        });
        let attributes = &body.attributes;
        let signature = signature.into_iter().collect::<TokenStream>();
        quote!(#attributes #signature #measured)
    }

    fn begin(&self, function: &Function, private: &TokenStream) -> TokenStream {
        let name = match &self.name {
            Some(name) => name.to_token_stream(),
            None => function.plain_name().into_token_stream(),
        };
        let number = self.sample.map(ToTokens::into_token_stream);
        let text = |text: Option<&str>| text.map(ToTokens::to_token_stream);
        let percentile = |given: &Option<(Variant, LitStr)>| {
            let given = given.as_ref().map(|(Variant(percentile), _)| *percentile);
            text(given)
        };
        let measured = crate::literal::Literal::new(private, "Measured")
            .with("function", Some(name))
            .with("module", Some(quote!(::core::module_path!())))
            .with("sample", number)
            .with(
                "objective",
                self.objective.as_ref().map(ToTokens::to_token_stream),
            )
            .with("success_rate", percentile(&self.success_rate))
            .with("latency_percentile", percentile(&self.latency_percentile))
            .with("latency", text(self.latency.as_ref().and_then(bound)))
            .or("DEFAULT");
        quote! {{
            #[allow(clippy::needless_update, reason = "every option may be given")]
            static __MAD_SITE: #private::Site = #private::Site::new(#measured);
            #private::Site::begin(&__MAD_SITE)
        }}
    }
}

/// Says whether this can be the name of an objective, as the specification has it.
fn is_objective(name: &str) -> bool {
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || "_- ".contains(letter);
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(is_legal)
}

fn bound(latency: &WrittenDuration) -> Option<&'static str> {
    let micros = latency.value.as_micros();
    let bound = BOUNDS.iter().find(|(millis, _)| millis * 1_000 == micros);
    bound.map(|(_, seconds)| *seconds)
}

fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
