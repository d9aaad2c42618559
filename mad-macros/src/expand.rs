//! Writes what an annotation becomes: a constant descriptor, and a call that submits it.
//!
//! Generated code runs in surroundings that may shadow anything, so it names things by absolute
//! paths in `::core` and in mad-core's hidden module only, and brings no name into scope but that
//! of a unit test. Tokens have the spans of what they are about, so that the compiler's own
//! messages point at the return type, at a parameter's type, or at a name.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{LitStr, Path, ReturnType, Type};

use crate::argument::Case;
use crate::documentation;
use crate::function::{Function, TypedParameter};
use crate::literal::{Literal, duration, some, texts, variant};
use crate::provider::Provider;
use crate::shared::Shared;

/// How the text begins by which a check is found in an executable file.
const MARK: &str = "\u{1}mad-check\u{2}";

/// What the checks made of one function have in common.
pub(crate) struct Registration<'a> {
    pub(crate) function: &'a Function,
    pub(crate) shared: &'a Shared,
    /// The path of mad-core's hidden module.
    pub(crate) private: TokenStream,
    /// Whether the descriptor says how the unit test is found, to start it in a process of its own.
    pub(crate) names_unit_test: bool,
}

impl<'a> Registration<'a> {
    pub(crate) fn new(function: &'a Function, shared: &'a Shared) -> Self {
        let private = private(shared.mad_core.as_ref());
        Self {
            function,
            shared,
            private,
            names_unit_test: false,
        }
    }

    /// Returns the name of the check, or of one of its cases.
    pub(crate) fn name(&self, case: Option<&Case>) -> String {
        let name = self.shared.name.as_ref();
        let name = name.map_or_else(|| self.function.plain_name(), LitStr::value);
        match case {
            Some(case) => format!("{name}/{}", case.name.unraw()),
            None => name,
        }
    }

    /// Returns the submission of the check, or of one of its cases.
    pub(crate) fn submission(&self, case: Option<&Case>, role: &TokenStream) -> TokenStream {
        let Self {
            function, private, ..
        } = self;
        let values = case.map_or(&[][..], |case| &case.values);
        let name = self.name(case);
        let location = location(function, private);
        let doc = documentation::text(&function.attributes);
        let options = self.options(&doc, case);
        let needs = needs(function, values.len(), private);
        let mark = mark(function, &name);
        let wrapped = wrapped(function, values, private, |call, is_async| {
            let span = output_site(function);
            if is_async {
                // Here the compiler points at the whole path.
                let private = moved(private, span);
                quote_spanned!(span=> #private::into_outcome_later(#call))
            } else {
                quote_spanned!(span=> #private::into_outcome(#call))
            }
        });
        quote! {
            #private::submit_to_mad! {
                #private::Descriptor {
                    name: #name,
                    location: #location,
                    doc: #doc,
                    options: &#options,
                    role: &#role,
                    needs: #needs,
                    function: #private::Function::#wrapped,
                    mark: #mark,
                }
            }
        }
    }

    /// Returns the unit test of the check, or of one of its cases.
    ///
    /// It runs what is registered, which shows as well that it is. In the body of a function, rustc
    /// warns that it cannot be run (`unnameable_test_items`); that is left to be seen.
    pub(crate) fn unit_test(
        &self,
        case: Option<&Case>,
        ignore: Option<&TokenStream>,
    ) -> TokenStream {
        let Self {
            function, private, ..
        } = self;
        let test = unit_test_name(function, case);
        let name = self.name(case);
        let line = line(function);
        quote! {
            #[cfg(test)]
            #[::core::prelude::v1::test]
            #ignore
            #[doc(hidden)]
            #[allow(
                non_snake_case,
                clippy::tests_outside_test_module,
                reason = "the name keeps function and case apart, and the test stands at its function"
            )]
            fn #test() {
                #private::unit_test(#name, ::core::module_path!(), #line);
            }
        }
    }

    fn options(&self, doc: &str, case: Option<&Case>) -> TokenStream {
        let shared = self.shared;
        let runbook = shared.runbook.as_ref().map(some);
        let runbook = runbook.or_else(|| documentation::runbook(doc).map(some));
        let private = &self.private;
        let options = Literal::new(private, "Options")
            .with("timeout", shared.timeout.as_ref().map(duration).map(some))
            .with("tags", texts(&shared.tags))
            .with("owner", shared.owner.as_ref().map(some))
            .with("runbook", runbook)
            .with("after", texts(&shared.after))
            .with("serial", shared.serial.as_ref().map(some))
            .with("on_timeout", self.on_timeout())
            .with("unit_test", self.unit_test_path(case))
            .or_default();
        options.unwrap_or_else(|| quote!(#private::NO_OPTIONS))
    }

    fn on_timeout(&self) -> Option<TokenStream> {
        let (chosen, _) = self.shared.on_timeout.as_ref()?;
        variant(&self.private, "OnTimeout", Some(*chosen))
    }

    /// Returns the path of the unit test, in a crate that is built with its unit tests.
    fn unit_test_path(&self, case: Option<&Case>) -> Option<TokenStream> {
        if !self.names_unit_test {
            return None;
        }
        let name = unit_test_name(self.function, case).to_string();
        let path = some(quote!(::core::concat!(::core::module_path!(), "::", #name)));
        Some(quote!(if ::core::cfg!(test) { #path } else { ::core::option::Option::None }))
    }
}

/// Returns the name of a unit test, which says what it runs to whoever reads a list of tests.
///
/// Two underscores in a row are against Rust's naming convention, and so in nobody's way. They keep
/// function and case apart, too.
fn unit_test_name(function: &Function, case: Option<&Case>) -> Ident {
    let span = site(function.name.span());
    let name = function.name.unraw();
    match case {
        Some(case) => format_ident!("self_test__{name}__{}", case.name.unraw(), span = span),
        None => format_ident!("self_test__{name}", span = span),
    }
}

/// Returns the submission of a provider.
pub(crate) fn provider(provider: &Provider, function: &Function) -> TokenStream {
    let private = private(provider.mad_core.as_ref());
    let name = function.plain_name();
    let location = location(function, &private);
    let is_for_tests = provider.test.is_some();
    let returned = returned(function, &private);
    let needs = needs(function, 0, &private);
    let key = quote_spanned!(output_site(function)=> #returned.key());
    let share = |made| quote_spanned!(output_site(function)=> #returned.share(#made));
    let wrapped = wrapped(function, &[], &private, |call, is_async| {
        if is_async {
            let made = share(quote_spanned!(output_site(function)=> #call.await));
            quote!(#private::Box::pin(async move { #made }))
        } else {
            share(call)
        }
    });
    quote! {
        #[allow(unused_imports, reason = "a provider that returns a `Result` does without it")]
        use #private::ReturnedValue as _;
        #private::submit_to_mad! {
            #private::ProviderDescriptor {
                name: #name,
                location: #location,
                is_for_tests: #is_for_tests,
                provides: || #key,
                needs: #needs,
                function: #private::ProviderFunction::#wrapped,
            }
        }
    }
}

fn returned(function: &Function, private: &TokenStream) -> TokenStream {
    let returned = match &function.output {
        ReturnType::Type(_, ty) => ty.to_token_stream(),
        ReturnType::Default => quote!(()),
    };
    quote_spanned!(output_site(function)=> #private::Returned::<#returned>::new())
}

/// Returns the variant `Sync(..)` or `Async(..)` with the function made a function of the context.
///
/// It is a closure, so that the compiler judges it together with the `needs` beside it, and says
/// once what it would else say twice of a type that cannot be shared.
fn wrapped(
    function: &Function,
    values: &[TokenStream],
    private: &TokenStream,
    finish: impl FnOnce(TokenStream, bool) -> TokenStream,
) -> TokenStream {
    let context = Ident::new("__mad_context", Span::mixed_site());
    let borrowed = context_types(function, values.len())
        .map(|(_, ty)| quote_spanned!(site(ty.span())=> #private::borrow::<#ty>(#context)));
    // The compiler points at a call from the function's name to the end of its arguments.
    let span = output_site(function);
    let name = respanned(&function.name, span);
    let call = quote_spanned!(span=> #name(#(#values,)* #(#borrowed),*));
    let is_async = function.qualifiers.asyncness.is_some();
    let variant = if is_async {
        quote!(Async)
    } else {
        quote!(Sync)
    };
    let body = finish(call, is_async);
    quote!(#variant(|#context| #body))
}

/// Returns what the function borrows, as a slice of `Need`s.
fn needs(function: &Function, n_values: usize, private: &TokenStream) -> TokenStream {
    let needs = context_types(function, n_values).map(|(parameter, ty)| {
        let argument = parameter.plain_name();
        let key = quote_spanned!(site(ty.span())=> #private::TypeKey::of::<#ty>);
        quote!(#private::Need { argument: #argument, key: #key })
    });
    quote!(&[#(#needs),*])
}

/// Returns the parameters behind the first ones, each with the type that it borrows.
fn context_types(
    function: &Function,
    n_values: usize,
) -> impl Iterator<Item = (&TypedParameter, &Type)> {
    let parameters = function.typed_parameters().skip(n_values);
    parameters.filter_map(|parameter| Some((parameter, &*parameter.reference()?.elem)))
}

/// Returns where the function's name stands, as plain literals.
///
/// `file!` and `line!` would be expanded one by one for each function, and in generated code the
/// latter finds the line of the annotation. A function that a `macro_rules!` macro writes stands where
/// that macro has its name: in the macro, or where the name was given to it.
fn location(function: &Function, private: &TokenStream) -> TokenStream {
    let file = file(function);
    let line = line(function);
    let package = package();
    quote! {
        #private::Location {
            file: #file,
            line: #line,
            module: ::core::module_path!(),
            package: #package,
        }
    }
}

/// Returns a text that is found in the executable file: `Registration` in mad-sources reads it.
fn mark(function: &Function, name: &str) -> TokenStream {
    let (package, file, line) = (package(), file(function), line(function));
    let known = format!("{MARK}{package}\u{2}{file}\u{2}{line}\u{2}{name}\u{2}");
    quote!(::core::concat!(#known, ::core::module_path!(), "\u{3}"))
}

/// Returns the file that the function stands in.
fn file(function: &Function) -> String {
    span_in_the_compiler(function).map_or_else(String::new, |span| span.file())
}

/// Returns the line of the function's name.
fn line(function: &Function) -> u32 {
    let line = span_in_the_compiler(function).map_or(0, |span| span.line());
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// Returns the compiler's span of the function's name; in this crate's own tests there is no compiler.
fn span_in_the_compiler(function: &Function) -> Option<proc_macro::Span> {
    proc_macro::is_available().then(|| function.name.span().unwrap())
}

/// Returns the package that is being compiled; other build systems than Cargo may not tell.
fn package() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is the environment of the compiler, not that of the program"
    )]
    std::env::var("CARGO_PKG_NAME").unwrap_or_default()
}

/// Wraps generated items, so that they bring no name into the surroundings.
pub(crate) fn unnamed(function: &Function, items: &TokenStream) -> TokenStream {
    // Where no such constant may stand, in an `impl`, the compiler points at the underscore.
    let underscore = Ident::new("_", site(function.name.span()));
    quote! {
        #[doc(hidden)]
        #[allow(
            deprecated,
            clippy::needless_update,
            reason = "the function may be deprecated, and every option may be given"
        )]
        const #underscore: () = { #items };
    }
}

/// Returns where a message about the returned value points: at the return type.
fn output_site(function: &Function) -> Span {
    site(match &function.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => function.name.span(),
    })
}

/// Returns a span for generated tokens that are about the tokens at this one.
///
/// Messages point there, yet paths are read by this crate's edition and locals are its own.
pub(crate) fn site(about: Span) -> Span {
    Span::mixed_site().located_at(about)
}

/// Returns the same identifier, raw or not, with its location moved.
fn respanned(ident: &Ident, at: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(at));
    ident
}

/// Returns the same tokens with their locations moved.
fn moved(tokens: &TokenStream, to: Span) -> TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(to));
        token
    });
    moved.collect()
}

/// Returns the path of mad-core's hidden module.
pub(crate) fn private(mad_core: Option<&Path>) -> TokenStream {
    let path = mad_core.map_or_else(|| quote!(::mad_core), ToTokens::to_token_stream);
    quote!(#path::__private)
}
