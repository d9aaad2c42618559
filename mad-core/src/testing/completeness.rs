//! Whether every annotated function of the sources is linked into a test.

use mad_sources::{Comparison, Program, Registration, SourcesError};

use crate::descriptor::Descriptor;

/// Where the question is asked; the macro fills it in.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// The package, as `name@version`.
    pub package: &'static str,
    /// The folder of the package.
    pub folder: &'static str,
    /// The file with the test.
    pub file: &'static str,
    /// Cargo, as it was when the test was built.
    pub cargo: Option<&'static str>,
}

/// Compares the sources with what is linked.
///
/// # Panics
///
/// If something is annotated and not linked, or if it cannot be found out.
#[track_caller]
pub fn check_all_linked(asker: Asker, except: &[&str]) {
    match compare(asker, except) {
        Err(why) => panic!("whether all checks are linked cannot be found out: {why}"),
        Ok(comparison) if comparison.is_complete() => print(&comparison),
        Ok(comparison) => panic!("{comparison}"),
    }
}

fn compare(asker: Asker, except: &[&str]) -> Result<Comparison, SourcesError> {
    let program = Program::new(asker.package, asker.folder, asker.file)
        .cargo(asker.cargo.unwrap_or("cargo"))
        .test();
    let linked = inventory::iter::<Descriptor>().map(registration).collect();
    let mut comparison = Comparison::new(linked, except);
    comparison.read_sources(&program, &program.packages()?)?;
    Ok(comparison)
}

fn registration(descriptor: &Descriptor) -> Registration {
    let location = descriptor.location;
    Registration {
        package: location.package.to_owned(),
        file: location.file.to_owned(),
        line: location.line,
        module: location.module.to_owned(),
        name: descriptor.name.to_owned(),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the test harness captures it and shows it when asked"
)]
fn print(comparison: &Comparison) {
    println!("{comparison}");
}

/// Asserts that every function annotated with `#[health_check]` or `#[self_test]` in the sources is linked
/// into this test.
///
/// The compiler cannot miss what it never saw: a file in no module tree, an annotation that an attribute
/// above it swallowed, a crate that nothing names. This reads the sources of this package and of what it
/// depends on by path, and compares files and lines with what is linked. Write one such test in each
/// program:
///
/// ```
/// mad_core::link_all!();
///
/// #[test]
/// fn every_check_is_linked() {
///     mad_core::testing::assert_all_linked!();
/// }
/// # fn main() {}
/// ```
///
/// Looked at are the library of each package and the one program that the test stands in. What is under a
/// `cfg` or in the call of a macro is listed, when it is not linked, and accepted. What else is meant to
/// be missing is named:
///
/// ```no_run
/// mad_core::testing::assert_all_linked!(except = ["only_on_the_bank_s_machines"]);
/// ```
///
/// An annotation under another name (`use mad_core::self_test as check`) is not recognised, nor is one that
/// a macro writes. The dependencies are those of the default features.
///
/// # Panics
///
/// If one is annotated and not linked; all of them are named, with place and likely reason. Also if the
/// sources cannot be read, or Cargo is not there to tell the dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_all_linked {
    ($(except = [$($name:expr),* $(,)?] $(,)?)?) => {
        $crate::testing::check_all_linked(
            $crate::testing::Asker {
                package: ::core::concat!(
                    ::core::env!("CARGO_PKG_NAME"),
                    "@",
                    ::core::env!("CARGO_PKG_VERSION"),
                ),
                folder: ::core::env!("CARGO_MANIFEST_DIR"),
                file: ::core::file!(),
                cargo: ::core::option_env!("CARGO"),
            },
            &[$($($name),*)?],
        )
    };
}
