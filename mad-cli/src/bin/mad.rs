//! `mad`: asks services that use MAD.

use std::process::ExitCode;

fn main() -> ExitCode {
    mad_cli::main(std::env::args_os())
}
