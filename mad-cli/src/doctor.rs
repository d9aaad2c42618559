//! `mad doctor`: whether what is annotated is in the program.
//!
//! Cargo builds; the executable file is read, not run. Data flows one way: sources, compiled libraries and the
//! program each say which checks they hold, and what the last one lacks is said with the reason.

mod build;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use clap::Args;
use mad_sources::{Comparison, Program, Registration, SourcesError};

use crate::exit::Exit;
use crate::output::{complain, complain_of, print};
use build::{Build, Executable};

/// Compares the sources, the compiled crates and the linked program, without running it
///
/// A check that was not linked is not red: it is not there. Cargo builds, the executable files are read, and what is
/// annotated in the sources or compiled into a library and is in none of them is listed, with the likely reason.
///
/// Exit codes: 0 every annotated function is linked; 1 some are not; 2 it cannot be found out.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct DoctorArguments {
    /// A function that is meant to be missing; may be given again
    #[arg(long, value_name = "FUNCTION")]
    except: Vec<String>,
    /// What `cargo build` is given: `--release`, `--package shop`, `--features tls`, `--manifest-path ..`
    #[arg(
        value_name = "CARGO BUILD ARGUMENTS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    cargo: Vec<OsString>,
}

pub(crate) fn run(arguments: &DoctorArguments) -> Exit {
    let build = match Build::run(&arguments.cargo) {
        Ok(build) => build,
        Err(error) => {
            complain_of(&error);
            return Exit::Trouble;
        }
    };
    let except: Vec<_> = arguments.except.iter().map(String::as_str).collect();
    let mut n_programs = 0;
    let mut is_complete = true;
    for executable in &build.executables {
        match compare(&build, executable, &except) {
            Ok(None) => {}
            Ok(Some(comparison)) => {
                n_programs += 1;
                is_complete &= comparison.is_complete();
                print(format_args!("`{}`: {comparison}\n", executable.name));
            }
            Err(error) => {
                complain(format_args!("`{}`:", executable.name));
                complain_of(&*error);
                return Exit::Trouble;
            }
        }
    }
    if n_programs == 0 {
        complain(
            "no program that depends on mad-core was built: name its package, as in `mad doctor --package shop`",
        );
        return Exit::Trouble;
    }
    if is_complete {
        Exit::Success
    } else {
        Exit::Failure
    }
}

/// Compares what one program holds with what it could; nothing, if it does not depend on mad-core.
fn compare(
    build: &Build,
    executable: &Executable,
    except: &[&str],
) -> Result<Option<Comparison>, Box<dyn std::error::Error>> {
    let program = Program::new(
        format!("{}@{}", executable.package.name, executable.package.version),
        &executable.folder,
        &*executable.root.to_string_lossy(),
    )
    .arguments(&build.choices);
    let packages = match program.packages() {
        Err(SourcesError::Tree(message)) if message.contains("did not match any packages") => {
            return Ok(None);
        }
        packages => packages?,
    };
    if packages.is_empty() {
        return Ok(None);
    }
    let mut comparison = Comparison::new(registrations(&executable.file)?, except);
    comparison.read_sources(&program, &packages)?;
    for package in packages {
        for library in build.libraries_of(&package.name, &package.version) {
            comparison.add_compiled(&registrations(library)?);
        }
    }
    Ok(Some(comparison))
}

fn registrations(file: &Path) -> Result<BTreeSet<Registration>, String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Registration::all_in(&bytes))
}
