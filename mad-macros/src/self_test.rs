//! `#[self_test]`: its options, its rules, what it becomes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::LitStr;

use crate::annotation::Annotation;
use crate::argument::{Case, Variant, WrittenDuration, WrittenSize};
use crate::check;
use crate::expand::{self, Registration};
use crate::function::Function;
use crate::literal::{Literal, bytes, duration, some, variant};
use crate::mistakes::Mistakes;
use crate::names;
use crate::options::{OptionRule, Options, option, repeatable, set};
use crate::shared::{self, Check, Shared};

/// What a `#[self_test]` says.
#[derive(Default)]
pub(crate) struct SelfTest {
    pub(crate) shared: Shared,
    pub(crate) effects: Option<Variant>,
    pub(crate) every: Option<WrittenDuration>,
    pub(crate) retries: Option<u32>,
    pub(crate) isolation: Option<Variant>,
    pub(crate) max_memory: Option<WrittenSize>,
    pub(crate) once: Option<Ident>,
    pub(crate) ignore: Option<LitStr>,
    pub(crate) unit_test: Option<bool>,
    pub(crate) cases: Vec<Case>,
}

const EFFECTS: [(&str, Variant); 4] = [
    ("pure", Variant("Pure")),
    ("read", Variant("Read")),
    ("scratch", Variant("Scratch")),
    ("destructive", Variant("Destructive")),
];

const ISOLATION: [(&str, Variant); 1] = [("process", Variant("Process"))];

impl Options for SelfTest {
    const WRITTEN: &'static str = "#[self_test]";

    #[rustfmt::skip]
    fn rules() -> Vec<OptionRule<Self>> {
        let mut rules = shared::rules();
        rules.extend([
            option("effects", "`effects = pure`, `read`, `scratch` or `destructive`", |t: &mut Self, given| set(&mut t.effects, given.one_of(&EFFECTS))),
            option("every", "`every = \"15m\"`", |t, given| set(&mut t.every, given.duration())),
            option("retries", "`retries = 2`", |t, given| set(&mut t.retries, given.number(0..=10))),
            option("isolate", "`isolate = process`", |t, given| set(&mut t.isolation, given.one_of(&ISOLATION))),
            option("max_memory", "`max_memory = \"256MiB\"`", |t, given| set(&mut t.max_memory, given.size())),
            option("once", "`once` alone", |t, given| set(&mut t.once, given.bare())),
            option("ignore", "`ignore = \"reason\"`", |t, given| set(&mut t.ignore, given.text())),
            option("unit_test", "`unit_test = false` or `unit_test = true`", |t, given| set(&mut t.unit_test, given.truth())),
            repeatable("case", "`case(name, values..)`", |t, given| given.case().map(|case| t.cases.push(case))),
        ]);
        rules
    }
}

impl Check for SelfTest {
    fn shared(&mut self) -> &mut Shared {
        &mut self.shared
    }
}

impl Annotation for SelfTest {
    fn check(&self, function: &Function, mistakes: &mut Mistakes) {
        check::function(self, function, mistakes);
        check::shared(&self.shared, function, mistakes);
        check::cases(&self.cases, function, mistakes);
        check::memory(self, mistakes);
    }

    fn conflict_with_unit_test(&self) -> &'static str {
        "`#[self_test]` makes the unit tests itself, one for each `case(name, values..)` if it has any"
    }

    fn conflict_with_properties(&self) -> &'static str {
        "`#[self_test]` makes the unit test itself: run the property in the body, \
         with proptest's `TestRunner`, or put `#[self_test]` inside of `proptest!`"
    }

    fn expand(&self, function: &Function, item: TokenStream) -> TokenStream {
        let mut registration = Registration::new(function, &self.shared);
        registration.names_unit_test = self.isolation.is_some() && self.has_unit_test();
        let role = self.role(&registration.private);
        let submissions = self
            .each_case()
            .map(|case| registration.submission(case, &role));
        let names = names::assertions(&registration, &self.cases);
        let unnamed = expand::unnamed(function, &quote!(#(#submissions)* #names));
        let unit_tests = self.unit_tests(&registration);
        quote!(#item #unnamed #unit_tests)
    }
}

impl SelfTest {
    /// Returns the cases; a function without any is run once.
    fn each_case(&self) -> impl Iterator<Item = Option<&Case>> {
        let without_case = self.cases.is_empty().then_some(None);
        self.cases.iter().map(Some).chain(without_case)
    }

    fn role(&self, private: &TokenStream) -> TokenStream {
        let options = Literal::new(private, "SelfTestOptions")
            .with("effects", variant(private, "Effects", self.effects))
            .with("every", self.every.as_ref().map(duration).map(some))
            .with("retries", self.retries.map(|retries| quote!(#retries)))
            .with("isolation", variant(private, "Isolation", self.isolation))
            .with("max_memory", self.max_memory.as_ref().map(bytes).map(some))
            .with("once", self.once.as_ref().map(|_| quote!(true)))
            .with("ignore", self.ignore.as_ref().map(some))
            .with("unit_test", self.unit_test.map(|is| quote!(#is)))
            .or_default();
        let role = options.map(|options| quote!(#private::Role::SelfTest(#options)));
        role.unwrap_or_else(|| quote!(#private::SELF_TEST))
    }

    fn has_unit_test(&self) -> bool {
        self.unit_test != Some(false)
    }

    fn unit_tests(&self, registration: &Registration<'_>) -> TokenStream {
        if !self.has_unit_test() {
            return TokenStream::new();
        }
        let ignore = self
            .ignore
            .as_ref()
            .map(|reason| quote!(#[ignore = #reason]));
        let unit_tests = self
            .each_case()
            .map(|case| registration.unit_test(case, ignore.as_ref()));
        quote!(#(#unit_tests)*)
    }
}
