//! How the program ends.

use std::ffi::OsString;
use std::process::ExitCode;

/// How the program ends. Each command says which of these it has, and what they mean there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// All is well.
    Success,
    /// What was asked about does not work; or, for a monitoring plugin, works with a reservation.
    Failure,
    /// The command makes no sense, or nobody could be asked; for a monitoring plugin, it does not work.
    Trouble,
    /// Nobody knows: of monitoring plugins alone.
    Unknown,
    /// As the program that it ran.
    Of(u8),
}

impl Exit {
    /// Returns how the program ends that ran another one: with the exit code of that, and if a signal ended it, with
    /// what a shell says then.
    pub(crate) fn of_runner(code: Option<i32>, signal: Option<i32>) -> Self {
        let code = code.or_else(|| signal.map(|signal| 128 + signal));
        let code = code.and_then(|code| u8::try_from(code).ok());
        code.map_or(Self::Failure, Self::Of)
    }

    /// Returns how the program ends that could not read its arguments, or was only asked for help.
    ///
    /// A monitoring system takes 2 for "it does not work", and a typing mistake is none of the service's.
    pub(crate) fn of_usage(arguments: &[OsString], is_mistake: bool) -> Self {
        let is_plugin = arguments.get(1).is_some_and(|command| command == "check");
        match (is_mistake, is_plugin) {
            (false, _) => Self::Success,
            (true, false) => Self::Trouble,
            (true, true) => Self::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Trouble => 2,
            Exit::Unknown => 3,
            Exit::Of(code) => code,
        })
    }
}
