//! `mad completions`: what a shell needs to complete the commands.

use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::{Shell, generate};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::print;

/// Prints what a shell needs to complete the commands of `mad`
///
/// `source <(mad completions bash)` for this shell; for all, put it where your shell looks:
/// `mad completions bash > ~/.local/share/bash-completion/completions/mad`,
/// `mad completions zsh > ~/.zfunc/_mad`, `mad completions fish > ~/.config/fish/completions/mad.fish`.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArguments {
    /// Of which shell
    shell: KnownShell,
}

/// A shell that is tried out.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KnownShell {
    Bash,
    Zsh,
    Fish,
}

impl From<KnownShell> for Shell {
    fn from(shell: KnownShell) -> Self {
        match shell {
            KnownShell::Bash => Self::Bash,
            KnownShell::Zsh => Self::Zsh,
            KnownShell::Fish => Self::Fish,
        }
    }
}

pub(crate) fn run(arguments: &CompletionsArguments) -> Exit {
    let mut script = Vec::new();
    let shell = Shell::from(arguments.shell);
    generate(shell, &mut Arguments::command(), "mad", &mut script);
    print(String::from_utf8_lossy(&script));
    Exit::Success
}
