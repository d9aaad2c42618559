//! A table in Markdown.

use std::fmt;

/// A table in Markdown: the first column says what, the others hold figures.
#[derive(Debug)]
pub(crate) struct Table {
    text: String,
}

impl Table {
    /// Makes a table with these words above its columns.
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut table = Self {
            text: String::new(),
        };
        table.row(header);
        table.text.push_str("|---|");
        table.text.push_str(&"---:|".repeat(header.len() - 1));
        table.text.push('\n');
        table
    }

    /// Adds a row.
    pub(crate) fn row<C: AsRef<str>>(&mut self, cells: &[C]) {
        for cell in cells {
            let cell = cell.as_ref();
            // An empty cell is one blank, not two.
            self.text.push('|');
            if !cell.is_empty() {
                self.text.push(' ');
                self.text.push_str(cell);
            }
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn figures_stand_to_the_right() {
        let mut table = Table::new(&["", "a", "b"]);
        table.row(&["size", "1", "20"]);
        assert_eq!(
            table.to_string(),
            "| | a | b |\n|---|---:|---:|\n| size | 1 | 20 |\n"
        );
    }
}
