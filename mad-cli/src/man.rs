//! `mad man`: the manual.

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::{complain, print};

/// Prints the manual, or the page of one command, as `man` reads it
///
/// `mad man | man -l -`; to install: `mad man > /usr/local/share/man/man1/mad.1`,
/// `mad man selftest > /usr/local/share/man/man1/mad-selftest.1`.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ManArguments {
    /// The page of this command: `selftest`, or `generate kubernetes`
    command: Vec<String>,
}

pub(crate) fn run(arguments: &ManArguments) -> Exit {
    let Some(command) = command(&arguments.command) else {
        complain("there is no such command: `mad help` has a list");
        return Exit::Trouble;
    };
    let mut page = Vec::new();
    if let Err(error) = Man::new(command).render(&mut page) {
        complain(error);
        return Exit::Trouble;
    }
    print(String::from_utf8_lossy(&page));
    Exit::Success
}

/// Finds what the page is about, under the name that a page has.
fn command(words: &[String]) -> Option<Command> {
    let mut all = Arguments::command();
    // Adds what is derived, such as the names of pages.
    all.build();
    let found = words
        .iter()
        .try_fold(&all, |command, word| command.find_subcommand(word))?;
    Some(found.clone())
}
