//! What hinders a measurement and is no fault of the commit: a full disk, a network that is down. Nothing is kept of it, so
//! that the next walk tries again.

use mad_store::Status;

/// What a machine says that has no room, whoever was at work.
const NO_ROOM: [&str; 4] = [
    "No space left on device",
    "Disk quota exceeded",
    "Cannot allocate memory",
    "Out of memory, malloc failed",
];

/// What Cargo says where it asks for what it cannot have now.
const NO_NETWORK: [&str; 8] = [
    "Could not connect to",
    "Could not resolve host",
    "Couldn't connect to server",
    "Couldn't resolve host",
    "Timeout was reached",
    "but --offline was specified",
    "network failure seems to have happened",
    "you're using offline mode",
];

/// How a linker ends that finds no room on the disk for what it has in memory, or no memory.
const LINKER: [&str; 2] = [
    "ld terminated with signal 7 [Bus error]",
    "ld terminated with signal 9 [Killed]",
];

/// How Cargo tells of a compiler that was ended by the kernel, which does so where memory is short.
const COMPILER: &str = "process didn't exit successfully: `";
const KILLED: &str = "(signal: 9, SIGKILL";

/// The line of what a build or its tests wrote that tells of it.
pub(super) fn found(status: Status, output: &str) -> Option<&str> {
    let is_build = status == Status::BuildFailed;
    if !is_build && status != Status::Crashed {
        return None;
    }
    let has = |line: &str, words: &[&str]| words.iter().any(|word| line.contains(word));
    let hinders = |line: &&str| {
        has(line, &NO_ROOM)
            || (is_build
                && (has(line, &NO_NETWORK)
                    || has(line, &LINKER)
                    || (line.contains(COMPILER) && line.contains(KILLED))))
    };
    output
        .lines()
        .filter(|line| !is_quoted(line))
        .find(hinders)
        .map(str::trim)
}

/// So many measurements in a row are hindered before nobody goes on: each next one would take a checkout and a build for nothing.
const MOST_IN_A_ROW: u32 = 5;

/// How many measurements in a row were hindered, all by the network or all by want of room.
#[derive(Debug, Default)]
pub(super) struct Row {
    n: u32,
    is_of_network: bool,
}

impl Row {
    /// Whether there are too many, with one more for this reason.
    pub(super) fn is_too_long_with(&mut self, reason: &str) -> bool {
        // Not letter by letter: each commit has another file that could not be written.
        let is_of_network = NO_NETWORK.iter().any(|word| reason.contains(word));
        let is_same = is_of_network == self.is_of_network;
        self.n = 1 + if is_same { self.n } else { 0 };
        self.is_of_network = is_of_network;
        self.n >= MOST_IN_A_ROW
    }
}

/// Whether a compiler quotes code there: `12 | let x = 1;`.
fn is_quoted(line: &str) -> bool {
    let is_before = |letter: char| letter.is_ascii_digit() || letter == ' ';
    line.trim_start_matches(is_before).starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_lacks_is_told_from_what_is_wrong_with_it() {
        let lines = [
            "  [7] Could not connect to server (Failed to connect to 127.0.0.1 port 9)",
            "          collect2: fatal error: ld terminated with signal 7 [Bus error]",
            "error: failed to write `x.rmeta`: No space left on device (os error 28)",
            "  process didn't exit successfully: `rustc --crate-name x` (signal: 9, SIGKILL: kill)",
            "fatal: Out of memory, malloc failed (tried to allocate 1048576 bytes)",
        ];
        for line in lines {
            let output = format!("   Compiling shop\n{line}\nerror: could not compile\n");
            let found = |status| found(status, &output);
            assert_eq!(found(Status::BuildFailed), Some(line.trim()));
            assert_eq!(found(Status::Complete), None, "{line}");
        }
        let wrong = "error[E0425]: cannot find `x`\nerror: could not compile `shop`\n";
        assert_eq!(found(Status::BuildFailed, wrong), None);
        let quoted = "1 | let e: u8 = format!(\"Could not connect to {}\", 1);\n";
        assert_eq!(found(Status::BuildFailed, quoted), None);
        assert_eq!(found(Status::Crashed, lines[3]), None, "a test may do so");
        assert!(found(Status::Crashed, lines[2]).is_some());
    }
}
