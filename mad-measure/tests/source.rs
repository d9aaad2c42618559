//! Sources are measured.

use mad_measure::source::{self, SourceFile};
use mad_store::{Sample, Subject, SubjectKind};
use proptest::prelude::*;

fn of_file(text: &str) -> Vec<Sample> {
    source::measure([SourceFile::new("lib.rs", text)])
}

fn value(samples: &[Sample], subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().expect("a subject");
    let mut samples = samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    Some(sample?.value)
}

#[track_caller]
fn check(text: &str, metric: &str, expected: f64) {
    let samples = of_file(text);
    let of_file = value(&samples, "file - lib.rs", metric);
    assert_eq!(of_file, Some(expected), "{metric} of {text}");
    assert_eq!(value(&samples, "run", metric), Some(expected), "{text}");
}

#[track_caller]
fn lines(text: &str, code: u32, comments: u32, blank: u32) {
    check(text, "source_code_lines", code.into());
    check(text, "source_comment_lines", comments.into());
    check(text, "source_blank_lines", blank.into());
}

#[test]
fn a_line_is_code_or_a_comment_or_blank() {
    lines("", 0, 0, 0);
    lines("\n \t\n\r\n", 0, 0, 3);
    lines("// one\n/// two\n//! three\n/* four */ /* five */", 0, 4, 0);
    lines(
        "fn f() {} // with a word to it\n/* and */ fn g() {}",
        2,
        0,
        0,
    );
    lines("/* from\n\n /* inside */\nto */\n", 0, 3, 1);
    // An empty line of a text is part of what the program says.
    lines("const A: &str = \"// none\n/* none\n\n\";\n\n", 4, 0, 1);
    lines("const A: &str = r#\"\" // \"#; // one\n", 1, 0, 0);
    lines(
        "const A: &[u8] = br##\"\n// \"# none\n\"##;\n// one",
        3,
        1,
        0,
    );
    lines(
        "const A: char = '\"'; // one\n// two\nconst B: char = '\\'';\n// three",
        2,
        2,
        0,
    );
    lines(
        "fn f<'a>(a: &'a str) {}\n// one '\nconst C: char = 'é';",
        2,
        1,
        0,
    );
    lines("const r: u8 = 1; fn bar(r: u8) {}\n// \"", 1, 1, 0);
}

#[track_caller]
fn cyclomatic(body: &str, expected: f64) {
    check(
        &format!("fn f() {{ {body} }}"),
        "source_cyclomatic_complexity",
        expected,
    );
}

#[test]
fn each_decision_is_one_more_way_through_a_function() {
    cyclomatic("", 1.0);
    cyclomatic("if a {} else {}", 2.0);
    cyclomatic("if a {} else if b {} else {}", 3.0);
    cyclomatic("while a {} for b in c {} loop {}", 3.0);
    cyclomatic("match a { 1 => b, 2 => c, _ => d }", 3.0);
    cyclomatic("match a { 1 if b => c, _ => d }", 3.0);
    cyclomatic("match a {}", 1.0);
    cyclomatic("if a && b || !c {}", 4.0);
    cyclomatic("let Some(a) = b else { return };", 2.0);
    cyclomatic("a()?.b()?", 3.0);
    cyclomatic("let a = |b| if b { c } else { d };", 2.0);
    cyclomatic("assert!(a && b, \"{}\", if c { d } else { e });", 3.0);
    cyclomatic("a & b | c", 1.0);
}

#[track_caller]
fn cognitive(body: &str, expected: f64) {
    check(
        &format!("fn f() {{ {body} }}"),
        "source_cognitive_complexity",
        expected,
    );
}

/// Most of these are the examples of Campbell's paper, told in Rust.
#[test]
fn what_is_harder_to_follow_costs_more() {
    cognitive("", 0.0);
    cognitive("match number { 1 => a, 2 => b, _ => c }", 1.0);
    // `sumOfPrimes`.
    cognitive(
        "let mut total = 0;
         'out: for i in 1..=max { for j in 2..i { if i % j == 0 { continue 'out; } } total += i; }",
        7.0,
    );
    // `myMethod` with `try`, which has no equal here, taken as an `if`; and with a lambda.
    cognitive("if a { for i in 0..10 { while b {} } }", 6.0);
    cognitive("let r = || { if a {} };", 2.0);
    cognitive("if a && b && c || d || e && f {}", 4.0);
    cognitive("if a && !(b && c) {}", 3.0);
    cognitive("if a {} else if b {} else {}", 3.0);
    cognitive("f();", 1.0);
    cognitive("let Some(a) = b else { return }; c()?;", 1.0);
    cognitive("match a { _ if b && c => d, _ => e }", 2.0);
}

#[test]
fn nesting_is_that_of_the_deepest_place() {
    let nesting =
        |body: &str, expected| check(&format!("fn f() {{ {body} }}"), "source_nesting", expected);
    nesting("{ { } }", 0.0);
    nesting("if a { } else if b { } else { }", 1.0);
    nesting("loop { match a { b => while c { d(|| e) } } }", 4.0);
}

#[test]
fn functions_are_called_by_where_they_stand() {
    let samples = source::measure([
        SourceFile::new("Cargo.toml", "[workspace]\nmembers = [\"shop\"]"),
        SourceFile::new("shop/Cargo.toml", "[package]\nname = \"the-shop\""),
        SourceFile::new(
            "shop/src/order.rs",
            "pub fn plain(a: u8, b: u8) {\n    // why\n    fn inner() {}\n}
             mod place { pub fn one() {} }
             impl<'a> Order<'a> { fn new(self) {} }
             impl<T: Into<u8>> From<T> for crate::Order { fn from(t: T) -> Self {} }
             impl Drop for &'static mut [u8] { fn drop(&mut self) {} }
             trait Sell { fn declared(); fn defined() {} }
             #[cfg(unix)] fn twice() {}
             #[cfg(windows)] fn twice() {}
             cfg_net! { fn hidden() {} }
             macro_rules! no { () => { fn f() {} } }",
        ),
    ]);
    let functions = samples.iter().filter(|sample| {
        sample.metric.name == "source_code_lines" && sample.subject.kind == SubjectKind::Function
    });
    let names: Vec<_> = functions
        .map(|sample| {
            assert_eq!(sample.subject.package, "the-shop");
            let name = sample.subject.name.strip_prefix("src/order.rs::");
            name.expect("it begins with the file")
        })
        .collect();
    assert_eq!(
        names,
        [
            "plain",
            "plain::inner",
            "place::one",
            "Order::new",
            "<crate::Order as From<T>>::from",
            "<&'static mut[u8] as Drop>::drop",
            "Sell::defined",
            "twice",
            "twice#2",
            "hidden",
        ]
    );
    let plain = "function the-shop src/order.rs::plain";
    assert_eq!(value(&samples, plain, "source_parameters"), Some(2.0));
    assert_eq!(value(&samples, plain, "source_code_lines"), Some(3.0));
    assert_eq!(
        value(&samples, "package the-shop", "source_functions"),
        Some(10.0)
    );
    assert_eq!(
        value(&samples, "run", "source_longest_function_lines"),
        Some(3.0)
    );
}

/// How deep each of these functions calls, in a package of these files.
#[track_caller]
fn call_depths(files: &[(&str, &str)], expected: &[(&str, f64)]) {
    let files = files
        .iter()
        .map(|(path, text)| SourceFile::new(*path, *text));
    let manifest = SourceFile::new("Cargo.toml", "[package]\nname = \"shop\"\n");
    let samples = source::measure(files.chain([manifest]));
    for (function, depth) in expected {
        let subject = format!("function shop {function}");
        assert_eq!(
            value(&samples, &subject, "source_call_depth"),
            Some(*depth),
            "{function}"
        );
    }
}

#[test]
fn a_call_leads_to_the_function_that_can_be_meant() {
    call_depths(
        &[
            (
                "src/lib.rs",
                "mod orders; mod stock;
                 use orders::Order;
                 pub fn sell() { orders::place(); log!(\"{}\", leaf()); }
                 fn leaf() {}
                 fn returns(n: u8) { if n > 0 { returns(n - 1) } }
                 fn ping() { pong() } fn pong() { ping(); leaf() }
                 fn hands_over() { [1].iter().for_each(Order::count) }
                 fn of_others() { Vec::<u8>::new().len(); std::stock::place(); unknown() }",
            ),
            (
                "src/orders.rs",
                "use crate::stock;
                 pub fn place() { Order::new().check(); leaf() }
                 fn leaf() { super::leaf() }
                 pub struct Order;
                 impl Order {
                     pub fn new() -> Self { Self::made() }
                     fn made() -> Self { Self }
                     fn check(&self) { self.count(); stock::Stock.take(1) }
                     fn count(&self) {}
                     fn len(&self, of: u8) { self.check() }
                 }",
            ),
            (
                "src/stock/mod.rs",
                "pub struct Stock;
                 impl Stock { pub fn take(&self, n: u8) { self.count() } fn count(&self) {} }",
            ),
            ("tests/sells.rs", "#[test] fn sells() { shop::sell() }"),
        ],
        &[
            // sell, place, check, take, count
            ("src/lib.rs::sell", 5.0),
            ("tests/sells.rs::sells", 6.0),
            ("src/lib.rs::leaf", 1.0),
            ("src/orders.rs::leaf", 2.0),
            ("src/orders.rs::Order::new", 2.0),
            ("src/orders.rs::Order::check", 3.0),
            ("src/stock/mod.rs::Stock::take", 2.0),
            // A recursion counts once.
            ("src/lib.rs::returns", 1.0),
            ("src/lib.rs::ping", 2.0),
            ("src/lib.rs::hands_over", 2.0),
            // A `len` with another number of parameters is another one.
            ("src/lib.rs::of_others", 1.0),
        ],
    );
}

#[test]
fn of_several_functions_that_a_name_may_mean_none_is_taken() {
    call_depths(
        &[
            (
                "src/lib.rs",
                "fn f(it: &dyn A) { it.go(); go() } mod one; mod two;",
            ),
            (
                "src/one.rs",
                "pub fn go() {} struct One; impl One { fn go(&self) {} }",
            ),
            (
                "src/two.rs",
                "pub fn go() {} struct Two; impl Two { fn go(&self) {} } fn near() { go() }",
            ),
        ],
        &[("src/lib.rs::f", 1.0), ("src/two.rs::near", 2.0)],
    );
}

#[test]
fn what_is_unsafe_and_what_a_test_is_counted() {
    check(
        "unsafe fn f() {} fn g() { unsafe { f() } } unsafe impl Send for A {} unsafe trait B {}
         unsafe extern \"C\" { fn c(); }",
        "source_unsafe",
        5.0,
    );
    check(
        "#[test] fn a() {} #[tokio::test(flavor = \"multi_thread\")] async fn b() {} #[rstest] #[test] fn c() {}
         #[cfg(test)] fn d() {}",
        "source_tests",
        3.0,
    );
}

#[test]
fn what_does_not_parse_is_counted_and_harms_nothing() {
    let samples = source::measure([
        SourceFile::new("broken.rs", "fn f( {\n// a comment\n"),
        SourceFile::new("good.rs", "fn g() {}"),
        SourceFile::new("README.md", "fn h() {}"),
        SourceFile::new("latin1.rs", b"// \xe9t\xe9\nfn i() {}".as_slice()),
    ]);
    assert_eq!(value(&samples, "run", "source_files"), Some(3.0));
    assert_eq!(value(&samples, "run", "source_unparsed_files"), Some(1.0));
    assert_eq!(
        value(&samples, "file - broken.rs", "source_code_lines"),
        Some(1.0)
    );
    assert_eq!(value(&samples, "run", "source_functions"), Some(2.0));
}

#[test]
fn nothing_is_nested_too_deep() {
    let deep = |begin: &str, end: &str| {
        let text = format!(
            "const A: u8 = {}1{};",
            begin.repeat(100_000),
            end.repeat(100_000)
        );
        let samples = of_file(&text);
        assert_eq!(value(&samples, "run", "source_files"), Some(1.0), "{begin}");
    };
    deep("(", ")");
    deep("-", "");
    deep("& & ", "");
    deep("{", "}");
    deep("[", "]");
    deep("if a {} else ", "");
    deep("a = ", "");
    deep("return ", "");
    deep("|a| ", "");
    deep("a + ", "");
    deep("a.b", "");
    deep("x..", "");
    deep("A<", ">");
    deep("a as ", "");
}

#[test]
fn a_folder_is_read_as_git_sees_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    write("src/lib.rs", "fn a() {}");
    write("target/debug/made.rs", "fn b() {}");
    write(".hidden/c.rs", "fn c() {}");
    write("ignored/d.rs", "fn d() {}");
    let paths = || {
        let files = source::read_folder(folder.path()).expect("it can be read");
        let mut paths: Vec<_> = files.into_iter().map(|file| file.path).collect();
        paths.sort();
        paths
    };
    assert_eq!(paths(), ["ignored/d.rs", "src/lib.rs"]);
    write(".gitignore", "/ignored\n/target\n");
    let git = std::process::Command::new("git")
        .arg("-C")
        .arg(folder.path())
        .args(["init", "--quiet"])
        .status();
    assert!(git.expect("git runs").success());
    assert_eq!(paths(), [".hidden/c.rs", "src/lib.rs"]);
}

proptest! {
    #[test]
    fn any_text_is_measured(text in "[a-z{}()\\[\\]<>'\"/*#r!&|;:=.,\\\\ \n]{0,200}|\\PC{0,60}") {
        let samples = of_file(&text);
        let get = |metric| value(&samples, "run", metric).expect("it is counted");
        let lines = get("source_code_lines") + get("source_comment_lines") + get("source_blank_lines");
        let expected = u32::try_from(text.lines().count()).expect("it is short");
        prop_assert!((lines - f64::from(expected)).abs() < 0.5, "{} and {}", lines, expected);
    }
}
