//! `cargo xtask tidy`: rules of this project that neither the compiler nor clippy knows.
//!
//! Each rule is a plain function from text to [`Finding`]s, and a line in a table where it can be.
//! Reading files and asking Cargo happens here only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::VERBS;
use crate::workspace::Workspace;

mod crates;
mod documents;
mod finding;
mod habits;
mod manifest;
mod modules;
mod source;

use documents::Known;
use finding::{Finding, Severity};
use source::Source;

/// Runs the rules as a verb.
///
/// # Errors
///
/// If a rule is broken, or files cannot be read.
pub(crate) fn run(_: Option<&str>) -> crate::Result<ExitCode> {
    check(&Workspace::load()?)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the rules and prints what they find.
///
/// # Errors
///
/// If a rule is broken, or files cannot be read.
pub(crate) fn check(workspace: &Workspace) -> crate::Result {
    let findings = findings(workspace)?;
    for finding in &findings {
        println!("{finding}");
    }
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    match findings.iter().filter(is_error).count() {
        0 => Ok(()),
        errors => Err(format!("{errors} broken rule(s), listed above").into()),
    }
}

fn findings(workspace: &Workspace) -> crate::Result<Vec<Finding>> {
    let sources = read_sources(workspace)?;
    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(habits::check(source));
    }
    findings.extend(modules::check(&sources));
    findings.extend(crates::check(workspace)?);
    findings.extend(check_manifests(workspace)?);
    findings.extend(documents::missing(|file| exists(workspace, file)));
    findings.extend(check_documents(workspace)?);
    findings.sort();
    // Several rules may warn of the same absence.
    findings.dedup();
    Ok(findings)
}

fn read_sources(workspace: &Workspace) -> io::Result<Vec<Source>> {
    let mut files = Vec::new();
    collect_rust_files(&workspace.root, &mut files)?;
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file)?;
        Ok(Source::new(workspace.relative(&file), text))
    };
    files.into_iter().map(read).collect()
}

fn collect_rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && name != "target" {
                collect_rust_files(&entry.path(), files)?;
            }
        } else if name.ends_with(".rs") {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn check_manifests(workspace: &Workspace) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in &workspace.packages {
        let text = fs::read_to_string(&package.manifest)?;
        findings.extend(manifest::check(
            &workspace.relative(&package.manifest),
            &text,
        ));
    }
    Ok(findings)
}

fn exists(workspace: &Workspace, file: &str) -> bool {
    workspace.root.join(file).exists()
}

fn check_documents(workspace: &Workspace) -> io::Result<Vec<Finding>> {
    let examples = workspace
        .packages
        .iter()
        .flat_map(|package| package.targets("example"));
    let known = Known {
        examples: examples.collect(),
        verbs: VERBS,
    };
    let mut findings = Vec::new();
    for file in documents::WITH_COMMANDS {
        if exists(workspace, file) {
            let text = fs::read_to_string(workspace.root.join(file))?;
            findings.extend(documents::check(file, &text, &known));
        }
    }
    Ok(findings)
}
