//! A run on each line, whole.

use std::io::{self, Write};

use mad_store::Recording;

pub(super) struct Lines<W>(pub(super) W);

impl<W: Write> super::Writer for Lines<W> {
    fn write(&mut self, recording: &Recording) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, recording)?;
        self.0.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}
