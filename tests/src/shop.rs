//! The demo service, as a newcomer starts it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::http::{Answer, Request, request};
use crate::process::Process;
use crate::workspace::typed;

/// The token that the shop is started with.
pub const TOKEN: &str = "end-to-end-tests";

/// The demo service in a process of its own, on free ports.
#[derive(Debug)]
pub struct Shop {
    process: Process,
    /// Where its database is. It goes with the test, as the process is killed and cannot clean up.
    folder: TempDir,
    /// Where the shop answers: `http://127.0.0.1:...`.
    pub shop: String,
    /// Where MAD answers: `http://127.0.0.1:...`.
    pub mad: String,
}

impl Shop {
    /// Starts it, and returns when both addresses are known.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(program());
        command
            .env("TMPDIR", folder.path())
            .stderr(File::create(folder.path().join(LOG)).unwrap())
            .env("SHOP_LISTEN", "127.0.0.1:0")
            .env("MAD_LISTEN", "127.0.0.1:0")
            .env("MAD_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut process = Process::start(&mut command);
        let output = process.child().stdout.take().unwrap();
        let (mut shop, mut mad) = (None, None);
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        for line in lines.by_ref() {
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("shop"), Some(address)) => shop = Some(address.to_owned()),
                (Some("mad"), Some(address)) => mad = Some(address.to_owned()),
                _ => {}
            }
            if shop.is_some() && mad.is_some() {
                break;
            }
        }
        // What it prints later is read, too: a full pipe would block it.
        let read_on = std::thread::Builder::new().spawn(move || lines.for_each(drop));
        read_on.expect("the system gives a thread");
        Self {
            process,
            folder,
            shop: shop.expect("the shop prints its address"),
            mad: mad.expect("the shop prints MAD's address"),
        }
    }

    /// Returns the program that is started, for whoever starts it otherwise.
    pub fn program() -> PathBuf {
        program()
    }

    /// Returns its process id.
    pub fn pid(&mut self) -> u32 {
        self.process.child().id()
    }

    /// Sends it SIGTERM.
    pub fn terminate(&mut self) {
        self.process.terminate();
    }

    /// Waits until it has ended by itself, and returns how.
    ///
    /// # Panics
    ///
    /// If the system does not say.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        self.process.child().wait().unwrap()
    }

    /// Sends a request to MAD without a token.
    #[track_caller]
    pub fn mad(&self, method: &str, path: &str) -> Answer {
        send(method, &format!("{}{path}", self.mad), None, None)
    }

    /// Sends a request to MAD with the token.
    #[track_caller]
    pub fn mad_authorised(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        send(method, &format!("{}{path}", self.mad), Some(TOKEN), body)
    }

    /// Switches a fault of the shop on or off.
    ///
    /// # Panics
    ///
    /// If the shop refuses.
    #[track_caller]
    pub fn fault(&self, name: &str, is_on: bool) {
        let method = if is_on { "POST" } else { "DELETE" };
        let answer = send(method, &format!("{}/faults/{name}", self.shop), None, None);
        assert!((200..300).contains(&answer.status), "{answer:?}");
    }
}

/// The name of the file with what it says on standard error.
const LOG: &str = "shop.log";

impl Drop for Shop {
    /// Shows the log of a test that failed.
    #[expect(clippy::print_stderr, reason = "the test harness captures it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join(LOG));
            eprintln!("the shop's log:\n{}", log.unwrap_or_default());
        }
    }
}

#[track_caller]
fn send(method: &str, url: &str, token: Option<&str>, body: Option<&str>) -> Answer {
    request(Request {
        method,
        url,
        token,
        body,
    })
}

/// Builds the shop, if that has not been done, and returns where it is.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        build(&["--package", "examples", "--example", "shop"]);
        built("examples/shop")
    });
    program.clone()
}

/// Describes a run of the program `mad`, which is built if that has not been done, with the token of the shop.
///
/// # Panics
///
/// If it does not build.
#[track_caller]
pub fn mad() -> Command {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        build_mad();
        built("mad")
    });
    let mut command = Command::new(program);
    command.env("MAD_TOKEN", TOKEN);
    command
}

/// Finds what was built, beside this test.
fn built(program: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // This is `target/debug/deps/<test>`, or `target/debug/<test>` in other runners.
    let mut folders = test.ancestors().map(|folder| folder.join(program));
    folders
        .find(|program| program.is_file())
        .expect("it was built")
}

/// Builds the program `mad`, if that has not been done; the commands of documents find it.
///
/// # Panics
///
/// If it does not build.
#[track_caller]
pub fn build_mad() {
    build(&["--package", "mad-cli", "--bin", "mad"]);
}

#[track_caller]
fn build(what: &[&str]) {
    let mut cargo = typed(option_env!("CARGO").unwrap_or("cargo"));
    let built = cargo
        .args(["build", "--quiet", "--locked"])
        .args(what)
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "it does not build: {what:?}"
    );
}
