//! `cargo mad`: the same as `mad`, found by Cargo, which repeats the name of the command as the first argument.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "mad") {
        arguments.remove(1);
    }
    mad_cli::main(arguments)
}
