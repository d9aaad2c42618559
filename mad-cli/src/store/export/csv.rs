//! A sample on each line, for spreadsheets and data frames.

use std::io::{self, Write};

use mad_store::Recording;

use super::columns::{COLUMNS, Column, Row, rows};

pub(super) struct Lines<W: Write>(csv::Writer<W>);

impl<W: Write> Lines<W> {
    pub(super) fn new(sink: W) -> io::Result<Self> {
        let mut lines = csv::Writer::from_writer(sink);
        lines.write_record(COLUMNS.map(|(name, _)| name))?;
        Ok(Self(lines))
    }
}

impl<W: Write> super::Writer for Lines<W> {
    fn write(&mut self, recording: &Recording) -> io::Result<()> {
        for row in rows(recording) {
            self.0
                .write_record(COLUMNS.map(|(_, column)| field(column, row)))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

/// What is not there is an empty field.
fn field(column: Column, row: Row<'_>) -> String {
    match column {
        Column::Text(of) => of(row).into_owned(),
        Column::Integer(of) => of(row).map(|value| value.to_string()).unwrap_or_default(),
        Column::Number(of) => of(row).map(|value| value.to_string()).unwrap_or_default(),
        Column::Flag(of) => of(row).to_string(),
    }
}
