//! The worked case of the documents, in a small repository that looks like the real one: the real one is not at hand here, and is
//! nobody's to copy.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, argument, text};

/// The part of a parser that the case asks for: each header in a row, and what a commit makes of it.
const LIBRARY: &str = r#"//! {summary}

#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub name: &'a str,
    pub value: &'a [u8],
}

pub const EMPTY_HEADER: Header<'static> = Header { name: "", value: b"" };

#[derive(Debug)]
pub enum Status<T> {
    Complete(T),
    Partial,
}

#[derive(Debug)]
pub struct Error;

pub type Result<T> = std::result::Result<Status<T>, Error>;

pub struct Request<'h, 'b> {
    pub headers: &'h mut [Header<'b>],
}

pub type Response<'h, 'b> = Request<'h, 'b>;

impl<'h, 'b> Request<'h, 'b> {
    pub fn new(headers: &'h mut [Header<'b>]) -> Self {
        Self { headers }
    }

    pub fn parse(&mut self, text: &'b [u8]) -> Result<usize> {
        for _ in 0..{looks} {
            std::hint::black_box(text);
        }
        let lines = text.split(|byte| *byte == b'\n').skip(1);
        for (index, line) in lines.enumerate() {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                return Ok(Status::Complete(text.len()));
            };
            let value = &line[colon + 1..];
            if {is_refused} {
                return Err(Error);
            }
            self.headers[index].value = value.trim_ascii();
        }
        Ok(Status::Partial)
    }
}
"#;

#[test]
fn the_case_is_told_by_one_command() {
    let (project, broken) = project_like_the_real_one();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cases/httparse/run.sh");
    let checked = Command::new("sh").arg("-n").arg(&script).status().unwrap();
    assert!(checked.success());
    let case = project.beside("case");
    let output = Command::new("sh")
        .args([
            argument(&script),
            argument(&project.root()),
            argument(&case),
        ])
        .env("MAD", env!("CARGO_BIN_EXE_mad"))
        .env("XDG_CACHE_HOME", project.cache())
        .env_remove("MAD_STORE")
        .output()
        .unwrap();
    let complaint = text(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let of = |file: &str| fs::read_to_string(case.join(file)).unwrap();
    let retro = of("retro.md");
    let since = format!("has since {} values are split", &broken[..12]);
    assert!(retro.contains(&since), "{retro}\n{complaint}");
    assert!(
        retro.contains("command\\_instructions (a probe)"),
        "{retro}"
    );
    assert!(retro.contains("1 incident is few"), "{retro}");
    let alone = of("retro-of-instructions.md");
    assert!(alone.contains("metrics: command_instructions\n"), "{alone}");
    assert!(of("report.html").contains("no-space-after-colon"));
    let answers = text(&output.stdout)
        .matches("# Could it have been seen coming?")
        .count();
    assert_eq!(answers, 2);
}

/// Nine commits; the sixth refuses values that follow their colon at once, and costs more. Returns that one.
fn project_like_the_real_one() -> (Project, String) {
    let mut project = Project::new();
    project.write(".gitignore", "target\nCargo.lock\n.mad\n");
    let mut broken = String::new();
    for (number, (summary, tag)) in [
        ("a parser", "v1.3.0"),
        ("more names", ""),
        ("a release", "v1.8.0"),
        ("names are shorter", ""),
        ("comments", ""),
        ("values are split", ""),
        ("another release", "v1.9.0"),
        ("values are as they were", "v1.9.4"),
        ("the newest release", "v1.10.1"),
    ]
    .into_iter()
    .enumerate()
    {
        let (looks, is_refused) = match number {
            5 | 6 => ("400", "!value.starts_with(b\" \")"),
            _ => ("100", "value.is_empty()"),
        };
        let library = LIBRARY
            .replace("{summary}", summary)
            .replace("{looks}", looks)
            .replace("{is_refused}", is_refused);
        project.write("src/lib.rs", &library);
        project.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"httparse\"\nversion = \"1.0.{number}\"\nedition = \"2021\"\n"
            ),
        );
        let commit = project.commit(summary);
        if number == 5 {
            broken.clone_from(&commit);
        }
        if !tag.is_empty() {
            project.git(&["tag", tag]);
        }
    }
    (project, broken)
}
