//! Parses the command and runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    tradepost::commands::main()
}
