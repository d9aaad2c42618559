//! What a source file says: its annotated functions, and the files that belong to it.
//!
//! The file is taken apart as the compiler does it, so that comments, texts and documentation are what
//! they are; it is not parsed, so that a syntax we do not know is in nobody's way.

use std::iter::Peekable;
use std::vec;

use proc_macro2::{Delimiter, Group, Ident, LexError, TokenStream, TokenTree};

/// Attributes that leave a function what it is.
const HARMLESS: &[&str] = &[
    "allow",
    "cfg",
    "cfg_attr",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

/// Attributes, by their last name, that leave a function to tests alone.
///
/// `mad-macros` has the same list, with a test that compares them.
const TEST_MAKERS: &[&str] = &[
    "bench",
    "gtest",
    "parameterized",
    "property_test",
    "proptest",
    "quickcheck",
    "rstest",
    "test",
    "test_case",
    "test_matrix",
    "wasm_bindgen_test",
];

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) functions: Vec<Annotated>,
    pub(crate) files: Vec<Declared>,
}

/// An annotated function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Annotated {
    pub(crate) name: String,
    /// The line of its name, from 1.
    pub(crate) line: u32,
    /// Whether something decides at compile time that it exists: a `cfg`, or a macro that it stands in.
    pub(crate) is_conditional: bool,
    /// The attribute above the annotation that may have taken the function away.
    pub(crate) below: Option<String>,
}

impl Annotated {
    /// Says whether the program does not have it even if a test has: a test attribute stands above.
    pub(crate) fn is_for_tests_alone(&self) -> bool {
        let below = self.below.as_deref().unwrap_or_default();
        let name = below.rsplit(':').next().unwrap_or_default();
        TEST_MAKERS.contains(&name)
    }
}

/// Another file that belongs to the program through this one.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Declared {
    /// The inline modules around it.
    pub(crate) around: Vec<String>,
    pub(crate) is_conditional: bool,
    pub(crate) how: How,
}

/// How a file is declared.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum How {
    /// `mod name;`
    Module(String),
    /// `#[path = "file"] mod name;`
    Path(String),
    /// `include!("file")`
    Include(String),
}

impl Contents {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it is no Rust at all.
    pub(crate) fn read(text: &str) -> Result<Self, LexError> {
        let tokens: TokenStream = text.trim_start_matches('\u{feff}').parse()?;
        let mut contents = Self::default();
        contents.scan(tokens, &Scope::default());
        Ok(contents)
    }

    fn scan(&mut self, tokens: TokenStream, scope: &Scope) {
        let mut scope = scope.clone();
        let mut tokens = tokens
            .into_iter()
            .collect::<Vec<_>>()
            .into_iter()
            .peekable();
        let mut attributes = Attributes::default();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let is_inner = next_punct(&mut tokens, '!');
                    let Some(group) = next_group(&mut tokens, Some(Delimiter::Bracket)) else {
                        continue;
                    };
                    let attribute = Attribute::read(&group);
                    if is_inner {
                        scope.is_conditional |= attribute.path == "cfg";
                    } else {
                        attributes.add(attribute);
                    }
                }
                TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | ',') => {
                    attributes.clear();
                }
                TokenTree::Ident(word) => {
                    self.scan_word(&word.to_string(), &mut tokens, &mut attributes, &scope);
                }
                TokenTree::Group(group) => {
                    let mut inside = scope.clone();
                    inside.is_conditional |= attributes.is_conditional;
                    self.scan(group.stream(), &inside);
                    if group.delimiter() == Delimiter::Brace {
                        attributes.clear();
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn scan_word(
        &mut self,
        word: &str,
        tokens: &mut Tokens,
        attributes: &mut Attributes,
        scope: &Scope,
    ) {
        match word {
            "fn" => {
                if let Some(name) = next_ident(tokens) {
                    self.functions.extend(attributes.annotated(&name, scope));
                }
            }
            "mod" => {
                if let Some(name) = next_ident(tokens) {
                    self.scan_module(&name.to_string(), tokens, attributes, scope);
                }
            }
            // What the rules are made of is no code.
            "macro_rules" if next_punct(tokens, '!') => {
                next_ident(tokens);
                next_group(tokens, None);
                attributes.clear();
            }
            _ if next_punct(tokens, '!') => {
                let Some(group) = next_group(tokens, None) else {
                    return;
                };
                let mut inside = scope.clone();
                inside.is_conditional |= attributes.is_conditional;
                if word == "include" {
                    self.files.extend(included(&group, &inside));
                }
                inside.is_conditional = true;
                self.scan(group.stream(), &inside);
            }
            _ => {}
        }
    }

    fn scan_module(
        &mut self,
        name: &str,
        tokens: &mut Tokens,
        attributes: &mut Attributes,
        scope: &Scope,
    ) {
        let is_conditional = scope.is_conditional || attributes.is_conditional;
        let name = name.trim_start_matches("r#").to_owned();
        if let Some(group) = next_group(tokens, Some(Delimiter::Brace)) {
            let mut inside = scope.clone();
            inside.is_conditional = is_conditional;
            inside.modules.push(name);
            self.scan(group.stream(), &inside);
        } else {
            let path = attributes.path.take();
            self.files.push(Declared {
                around: scope.modules.clone(),
                is_conditional,
                how: path.map_or(How::Module(name), How::Path),
            });
        }
        attributes.clear();
    }
}

/// Where in a file.
#[derive(Clone, Debug, Default)]
struct Scope {
    modules: Vec<String>,
    is_conditional: bool,
}

/// The attributes of the item that comes.
#[derive(Debug, Default)]
struct Attributes {
    is_conditional: bool,
    is_annotated: bool,
    /// The last one above the annotation that may have changed the function.
    suspect: Option<String>,
    /// The file of a module.
    path: Option<String>,
}

impl Attributes {
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn add(&mut self, attribute: Attribute) {
        self.is_conditional |= attribute.path.starts_with("cfg");
        if attribute.is_annotation {
            self.is_annotated = true;
        } else if !self.is_annotated && !HARMLESS.contains(&attribute.path.as_str()) {
            self.suspect = Some(attribute.path);
            self.path = self.path.take().or(attribute.text);
        }
    }

    fn annotated(&self, name: &Ident, scope: &Scope) -> Option<Annotated> {
        self.is_annotated.then(|| Annotated {
            name: name.to_string(),
            line: u32::try_from(name.span().start().line).unwrap_or(u32::MAX),
            is_conditional: scope.is_conditional || self.is_conditional,
            below: self.suspect.clone(),
        })
    }
}

/// One attribute.
#[derive(Debug)]
struct Attribute {
    /// `tokio::test` of `#[tokio::test(..)]`
    path: String,
    is_annotation: bool,
    /// The text of `#[path = "text"]`
    text: Option<String>,
}

impl Attribute {
    fn read(group: &Group) -> Self {
        let mut path = String::new();
        let mut rest = group.stream().into_iter();
        for token in rest.by_ref() {
            match token {
                TokenTree::Ident(ident) => path.push_str(&ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == ':' => path.push(':'),
                _ => break,
            }
        }
        let in_brackets = group.stream().into_iter().last();
        let is_conditional_annotation = match (&in_brackets, path.as_str()) {
            (Some(TokenTree::Group(inside)), "cfg_attr") => inside.stream().into_iter().any(
                |token| matches!(token, TokenTree::Ident(word) if is_annotation(&word.to_string())),
            ),
            _ => false,
        };
        let name = path.rsplit(':').next().unwrap_or_default();
        let text = (path == "path").then_some(in_brackets).flatten();
        Self {
            is_annotation: is_annotation(name) || is_conditional_annotation,
            text: text.and_then(|token| text_of(&token)),
            path,
        }
    }
}

fn is_annotation(name: &str) -> bool {
    matches!(name, "self_test" | "health_check")
}

fn included(group: &Group, scope: &Scope) -> Option<Declared> {
    let token = group.stream().into_iter().next()?;
    Some(Declared {
        around: scope.modules.clone(),
        is_conditional: scope.is_conditional,
        how: How::Include(text_of(&token)?),
    })
}

/// Returns a plain text without its quotes.
fn text_of(token: &TokenTree) -> Option<String> {
    let text = token.to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    Some(text.to_owned())
}

type Tokens = Peekable<vec::IntoIter<TokenTree>>;

fn next_punct(tokens: &mut Tokens, character: char) -> bool {
    let is_it =
        |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == character);
    tokens.next_if(is_it).is_some()
}

fn next_ident(tokens: &mut Tokens) -> Option<Ident> {
    match tokens.next_if(|token| matches!(token, TokenTree::Ident(_)))? {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    }
}

fn next_group(tokens: &mut Tokens, delimiter: Option<Delimiter>) -> Option<Group> {
    let is_it = |token: &TokenTree| matches!(token, TokenTree::Group(it) if delimiter.is_none_or(|delimiter| it.delimiter() == delimiter));
    match tokens.next_if(is_it)? {
        TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Contents, Declared, How};

    /// Returns the functions as `line name`, with `?` where a condition decides and `<attribute` below
    /// a suspect.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let functions = Contents::read(text).unwrap().functions;
        let shown: Vec<_> = functions
            .iter()
            .map(|it| {
                let condition = if it.is_conditional { "?" } else { "" };
                let below = it
                    .below
                    .as_deref()
                    .map_or(String::new(), |it| format!(" <{it}"));
                format!("{} {}{condition}{below}", it.line, it.name)
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn annotated_functions_are_found_in_every_form() {
        check(
            "#[self_test]\nfn a() {}\n#[mad_core::health_check(liveness)]\npub(crate) async\nfn b(x: &X) -> R {}",
            &["2 a", "5 b"],
        );
        check(
            "mod m { impl X {} fn f() {\n#[self_test] fn inner() {} } }",
            &["2 inner"],
        );
        check(
            "/// Text.\n#[self_test]\n#[allow(x)]\nfn r#match() {}",
            &["4 r#match"],
        );
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        check("// #[self_test]\nfn a() {}", &[]);
        check("/* #[self_test] /* */ */ fn a() {}", &[]);
        check(
            "/// ```\n/// #[self_test]\n/// fn a() {}\n/// ```\nfn b() {}",
            &[],
        );
        check("const T: &str = r##\"#[self_test] fn a() {}\"##;", &[]);
        check("macro_rules! m { () => { #[self_test] fn a() {} } }", &[]);
        check("#[self_test]; fn a() {}", &[]);
        check("struct S { #[self_test] f: fn(u8), } fn a() {}", &[]);
    }

    #[test]
    fn a_condition_is_seen_wherever_it_stands() {
        check("#[cfg(unix)] #[self_test] fn a() {}", &["1 a?"]);
        check("#[self_test] #[cfg(unix)] fn a() {}", &["1 a?"]);
        check(
            "#[cfg(unix)] mod m { #[self_test] fn a() {} } #[self_test] fn b() {}",
            &["1 a?", "1 b"],
        );
        check("#![cfg(unix)] #[self_test] fn a() {}", &["1 a?"]);
        check("#[cfg_attr(unix, self_test)] fn a() {}", &["1 a?"]);
        check(
            "cfg_if! { if #[cfg(unix)] { #[self_test] fn a() {} } }",
            &["1 a?"],
        );
    }

    #[test]
    fn an_attribute_above_is_a_suspect_and_one_below_is_not() {
        check("#[test] #[self_test] fn a() {}", &["1 a <test"]);
        check(
            "#[tokio::test(x)] #[allow(y)] #[self_test] fn a() {}",
            &["1 a <tokio::test"],
        );
        check("#[self_test] #[test] fn a() {}", &["1 a"]);
    }

    #[test]
    fn the_files_of_modules_are_found() {
        let text = "mod a; mod m { #[cfg(unix)] mod b; } #[path = \"c/d.rs\"] pub mod e; include!(\"f.rs\"); // mod g;";
        let declared = |around: &[&str], is_conditional, how| Declared {
            around: around.iter().map(|it| (*it).to_owned()).collect(),
            is_conditional,
            how,
        };
        let expected = [
            declared(&[], false, How::Module("a".to_owned())),
            declared(&["m"], true, How::Module("b".to_owned())),
            declared(&[], false, How::Path("c/d.rs".to_owned())),
            declared(&[], false, How::Include("f.rs".to_owned())),
        ];
        assert_eq!(Contents::read(text).unwrap().files, expected);
    }

    #[test]
    fn what_is_no_rust_is_refused() {
        assert!(Contents::read("fn a( {").is_err());
    }
}
