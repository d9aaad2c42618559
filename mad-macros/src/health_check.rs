//! `#[health_check]`: its options, its rules, what it becomes.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;

use crate::annotation::Annotation;
use crate::argument::WrittenDuration;
use crate::check;
use crate::expand::{self, Registration, site};
use crate::function::Function;
use crate::literal::{Literal, duration, some};
use crate::mistakes::Mistakes;
use crate::names;
use crate::options::{OptionRule, Options, option, set};
use crate::shared::{self, Check, Shared};

/// What a `#[health_check]` says.
#[derive(Default)]
pub(crate) struct HealthCheck {
    pub(crate) shared: Shared,
    pub(crate) liveness: Option<Ident>,
    pub(crate) readiness: Option<Ident>,
    pub(crate) startup: Option<Ident>,
    pub(crate) io: Option<Ident>,
    pub(crate) allow_io: Option<LitStr>,
    pub(crate) every: Option<WrittenDuration>,
    pub(crate) while_down: Option<WrittenDuration>,
    pub(crate) initial_delay: Option<WrittenDuration>,
    pub(crate) max_age: Option<WrittenDuration>,
    pub(crate) fail_after: Option<u32>,
    pub(crate) recover_after: Option<u32>,
    pub(crate) critical: Option<bool>,
}

impl Options for HealthCheck {
    const WRITTEN: &'static str = "#[health_check]";

    #[rustfmt::skip]
    fn rules() -> Vec<OptionRule<Self>> {
        let mut rules = shared::rules();
        rules.extend([
            option("liveness", "`liveness` alone", |c: &mut Self, given| set(&mut c.liveness, given.bare())),
            option("readiness", "`readiness` alone", |c, given| set(&mut c.readiness, given.bare())),
            option("startup", "`startup` alone", |c, given| set(&mut c.startup, given.bare())),
            option("io", "`io` alone", |c, given| set(&mut c.io, given.bare())),
            option("allow_io", "`allow_io = \"reason\"`", |c, given| set(&mut c.allow_io, given.text())),
            option("every", "`every = \"10s\"`", |c, given| set(&mut c.every, given.duration())),
            option("while_down", "`while_down = \"2s\"`", |c, given| set(&mut c.while_down, given.duration())),
            option("initial_delay", "`initial_delay = \"5s\"`", |c, given| set(&mut c.initial_delay, given.delay())),
            option("max_age", "`max_age = \"1m\"`", |c, given| set(&mut c.max_age, given.duration())),
            option("fail_after", "`fail_after = 3`", |c, given| set(&mut c.fail_after, given.number(1..=100))),
            option("recover_after", "`recover_after = 2`", |c, given| set(&mut c.recover_after, given.number(1..=100))),
            option("critical", "`critical = false` or `critical = true`", |c, given| set(&mut c.critical, given.truth())),
        ]);
        rules
    }
}

impl Check for HealthCheck {
    fn shared(&mut self) -> &mut Shared {
        &mut self.shared
    }
}

impl Annotation for HealthCheck {
    fn check(&self, function: &Function, mistakes: &mut Mistakes) {
        check::function(self, function, mistakes);
        check::shared(&self.shared, function, mistakes);
        check::parameters(function, mistakes);
        check::liveness(self, function, mistakes);
    }

    fn conflict_with_unit_test(&self) -> &'static str {
        "a health check is no unit test, and would be missing in the service"
    }

    fn conflict_with_properties(&self) -> &'static str {
        "only a `#[self_test]` is a unit test"
    }

    fn expand(&self, function: &Function, item: TokenStream) -> TokenStream {
        let registration = Registration::new(function, &self.shared);
        let submission = registration.submission(None, &self.role(&registration.private));
        let names = names::assertions(&registration, &[]);
        let max_age = self.max_age_assertion(&registration.private);
        let unnamed = expand::unnamed(function, &quote!(#submission #names #max_age));
        quote!(#item #unnamed)
    }
}

impl HealthCheck {
    fn role(&self, private: &TokenStream) -> TokenStream {
        let options = Literal::new(private, "HealthOptions")
            .with("probes", self.probes(private))
            .with("every", self.every.as_ref().map(duration))
            .with(
                "while_down",
                self.while_down.as_ref().map(duration).map(some),
            )
            .with("initial_delay", self.initial_delay.as_ref().map(duration))
            .with("fail_after", self.fail_after.map(|count| quote!(#count)))
            .with(
                "recover_after",
                self.recover_after.map(|count| quote!(#count)),
            )
            .with("critical", self.critical.map(|critical| quote!(#critical)))
            .with("max_age", self.max_age.as_ref().map(duration).map(some))
            .with("allow_io", self.allow_io.as_ref().map(some))
            .or_default();
        let role = options.map(|options| quote!(#private::Role::Health(#options)));
        role.unwrap_or_else(|| quote!(#private::HEALTH_CHECK))
    }

    fn probes(&self, private: &TokenStream) -> Option<TokenStream> {
        let said = |word: &Option<Ident>| word.as_ref().map(|_| quote!(true));
        let probes = Literal::new(private, "Probes")
            .with("liveness", said(&self.liveness))
            .with("readiness", said(&self.readiness))
            .with("startup", said(&self.startup));
        (!probes.is_empty()).then(|| probes.or("NONE"))
    }

    /// Refuses a result that counts no more before the next one is there.
    ///
    /// The compiler does, as the `every` to compare with may be the default, which only mad-core
    /// knows.
    fn max_age_assertion(&self, private: &TokenStream) -> Option<TokenStream> {
        let written = self.max_age.as_ref()?;
        let max_age = duration(written);
        let every = self.every.as_ref().map(duration);
        let every = every.unwrap_or_else(|| quote!(#private::HealthOptions::DEFAULT.every));
        Some(quote_spanned! {site(written.literal.span())=>
            const _: () = ::core::assert!(
                #max_age.as_nanos() >= #every.as_nanos(),
                "`max_age` is shorter than `every` or its default: a result would be too old before the next",
            );
        })
    }
}
