//! Which lines are code, which comments, and which nothing.

use std::ops::RangeInclusive;

use super::lexer::Class;

/// What each line of a file is.
#[derive(Debug)]
pub(super) struct LineKinds(Vec<LineKind>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineKind {
    Code,
    Comment,
    Blank,
}

/// How many lines are what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineCounts {
    pub(super) code: u64,
    pub(super) comments: u64,
    pub(super) blank: u64,
}

impl LineKinds {
    pub(super) fn of(text: &str, classes: &[Class]) -> Self {
        let mut at = 0;
        let kinds = text.split_inclusive('\n').map(|line| {
            let classes = &classes[at..at + line.len()];
            at += line.len();
            LineKind::of(line, classes)
        });
        Self(kinds.collect())
    }

    pub(super) fn counts(&self) -> LineCounts {
        LineCounts::of(&self.0)
    }

    /// The counts of some lines, the first of which is 1.
    pub(super) fn between(&self, lines: RangeInclusive<usize>) -> LineCounts {
        let end = (*lines.end()).min(self.0.len());
        let begin = lines.start().saturating_sub(1).min(end);
        LineCounts::of(&self.0[begin..end])
    }
}

impl LineKind {
    fn of(line: &str, classes: &[Class]) -> Self {
        let mut seen = line
            .bytes()
            .zip(classes)
            .filter(|(byte, _)| !byte.is_ascii_whitespace())
            .map(|(_, class)| *class)
            .peekable();
        if seen.peek().is_none() {
            let is_of_text = classes.contains(&Class::Literal);
            if is_of_text { Self::Code } else { Self::Blank }
        } else if seen.all(|class| class == Class::Comment) {
            Self::Comment
        } else {
            Self::Code
        }
    }
}

impl LineCounts {
    fn of(kinds: &[LineKind]) -> Self {
        let count = |kind| kinds.iter().filter(|other| **other == kind).count() as u64;
        Self {
            code: count(LineKind::Code),
            comments: count(LineKind::Comment),
            blank: count(LineKind::Blank),
        }
    }
}
