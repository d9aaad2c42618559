//! The contents of files of any commit, without checking it out.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{GitError, Repository};

/// One git that is asked for many files.
#[derive(Debug)]
pub(crate) struct Blobs {
    git: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Repository {
    /// Starts a git that is asked for files.
    pub(crate) fn blobs(&self) -> Result<Blobs, GitError> {
        let mut command = self.command();
        command.args(["cat-file", "--batch"]);
        let mut git = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(GitError::NotThere)?;
        let broken = || GitError::NotThere(io::ErrorKind::BrokenPipe.into());
        let questions = git.stdin.take().ok_or_else(broken)?;
        let answers = git.stdout.take().ok_or_else(broken)?;
        Ok(Blobs {
            git,
            questions: Some(questions),
            answers: BufReader::new(answers),
        })
    }
}

impl Blobs {
    /// What is in a file, of which the hash is known.
    pub(crate) fn read(&mut self, blob: &str) -> Result<Vec<u8>, GitError> {
        self.try_read(blob)
            .map_err(|error| GitError::Unread(blob.to_owned(), error))
    }

    fn try_read(&mut self, blob: &str) -> io::Result<Vec<u8>> {
        if let Some(questions) = &mut self.questions {
            writeln!(questions, "{blob}")?;
        }
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let length = header
            .trim_end()
            .rsplit(' ')
            .next()
            .and_then(|length| length.parse().ok());
        let length: u64 = length.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut content = Vec::new();
        (&mut self.answers).take(length).read_to_end(&mut content)?;
        // A line feed ends the answer.
        self.answers.read_exact(&mut [0])?;
        Ok(content)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // It ends when nobody asks any more.
        drop(self.questions.take());
        _ = self.git.wait();
    }
}
