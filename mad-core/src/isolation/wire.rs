//! How a run in a process of its own reports: one message a line.
//!
//! A line is a word and its fields, with a tab before each field. It is read by the very program that
//! wrote it, so that it need not last; it need only be light, and never fool the reader.

use std::fmt;
use std::time::Duration;

use crate::event::Event;
use crate::outcome::{Cause, Failure, Outcome};
use crate::report::{Note, Observation, Unit};

/// One line of a report.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// Something for the journal.
    Event(Event),
    /// A panic was seen. It need not be the end of the run, but may be the end of the process.
    Panicked(Failure),
    /// The run is over.
    Ended(Outcome),
}

impl Message {
    /// Writes the message as a line, with the line feed.
    pub(super) fn to_line(&self) -> String {
        let line = match self {
            Self::Event(event) => event_line(event),
            Self::Panicked(failure) => failure_line(Line::new("panicked"), failure),
            Self::Ended(Outcome::Pass) => Line::new("pass"),
            Self::Ended(Outcome::Warn(reason)) => Line::new("warn").text(reason),
            Self::Ended(Outcome::Skip(reason)) => Line::new("skip").text(reason),
            Self::Ended(Outcome::Fail(failure)) => failure_line(Line::new("fail"), failure),
        };
        line.0 + "\n"
    }

    /// Reads a line without its line feed; `None` is no message.
    pub(super) fn from_line(line: &str) -> Option<Self> {
        let mut fields = Fields(line.split('\t'));
        let message = match fields.word()? {
            "step" => Self::Event(Event::StepBegan {
                parent: fields.number::<usize>()?.checked_sub(1),
                offset: fields.duration()?,
                name: fields.text()?,
            }),
            "finished" => Self::Event(Event::StepFinished {
                step: fields.number()?,
                duration: fields.duration()?,
            }),
            "observed" => Self::Event(Event::Observed(Observation {
                name: fields.text()?,
                value: f64::from_bits(fields.number()?),
                unit: Unit::from_word(fields.word()?)?,
            })),
            word @ ("note" | "warning") => Self::Event(Event::Noted(Note {
                offset: fields.duration()?,
                text: fields.text()?,
                is_warning: word == "warning",
            })),
            "left-out" => Self::Event(Event::LeftOut),
            "panicked" => Self::Panicked(fields.failure()?),
            "pass" => Self::Ended(Outcome::Pass),
            "warn" => Self::Ended(Outcome::Warn(fields.text()?)),
            "skip" => Self::Ended(Outcome::Skip(fields.text()?)),
            "fail" => Self::Ended(Outcome::Fail(fields.failure()?)),
            _ => return None,
        };
        fields.0.next().is_none().then_some(message)
    }
}

/// Reads bytes as a line: what is a message is written as one that reads as the same.
///
/// # Panics
///
/// If it is not.
#[cfg(any(fuzzing, test))]
#[cfg_attr(
    not(fuzzing),
    expect(unreachable_pub, reason = "the fuzz target is another crate")
)]
pub fn fuzzed(bytes: &[u8]) {
    let line = String::from_utf8_lossy(bytes);
    if let Some(message) = Message::from_line(&line) {
        let written = message.to_line();
        let written = written.strip_suffix('\n').unwrap_or_default();
        assert!(!written.contains('\n'), "{written:?}");
        let again = Message::from_line(written).map(|message| message.to_line());
        // Not the messages, as a number that is none equals nothing.
        assert_eq!(again, Some(message.to_line()));
    }
}

fn event_line(event: &Event) -> Line {
    match event {
        Event::StepBegan {
            name,
            parent,
            offset,
        } => Line::new("step")
            // Counted from 1, so that 0 is the top.
            .field(&parent.map_or(0, |parent| parent + 1))
            .duration(*offset)
            .text(name),
        Event::StepFinished { step, duration } => {
            Line::new("finished").field(step).duration(*duration)
        }
        Event::Observed(Observation { name, value, unit }) => Line::new("observed")
            .text(name)
            .field(&value.to_bits())
            .field(&unit.as_str()),
        Event::Noted(note) => {
            let word = if note.is_warning { "warning" } else { "note" };
            Line::new(word).duration(note.offset).text(&note.text)
        }
        Event::LeftOut => Line::new("left-out"),
    }
}

fn failure_line(line: Line, failure: &Failure) -> Line {
    let line = line
        .field(&failure.cause().as_str())
        .text(failure.location().unwrap_or_default())
        .text(failure.message());
    failure
        .sources()
        .iter()
        .fold(line, |line, source| line.text(source))
}

/// A line that is being written.
struct Line(String);

impl Line {
    fn new(word: &str) -> Self {
        Self(word.to_owned())
    }

    /// Adds what cannot hold a tab or a line feed.
    fn field(mut self, field: &dyn fmt::Display) -> Self {
        self.0.push('\t');
        self.0.push_str(&field.to_string());
        self
    }

    fn duration(self, duration: Duration) -> Self {
        self.field(&duration.as_nanos())
    }

    fn text(mut self, text: &str) -> Self {
        self.0.push('\t');
        for letter in text.chars() {
            match letter {
                '\\' => self.0.push_str("\\\\"),
                '\t' => self.0.push_str("\\t"),
                '\n' => self.0.push_str("\\n"),
                other => self.0.push(other),
            }
        }
        self
    }
}

/// The fields of a line that is being read.
struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    fn word(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        self.word()?.parse().ok()
    }

    fn duration(&mut self) -> Option<Duration> {
        self.number().map(Duration::from_nanos)
    }

    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut letters = self.word()?.chars();
        while let Some(letter) = letters.next() {
            text.push(match letter {
                '\\' => match letters.next()? {
                    '\\' => '\\',
                    't' => '\t',
                    'n' => '\n',
                    _ => return None,
                },
                other => other,
            });
        }
        Some(text)
    }

    fn failure(&mut self) -> Option<Failure> {
        let cause = Cause::from_word(self.word()?)?;
        let location = self.text()?;
        let mut failure = Failure::new(cause, self.text()?);
        if !location.is_empty() {
            failure = failure.at(location);
        }
        while self.0.clone().next().is_some() {
            failure = failure.because(self.text()?);
        }
        Some(failure)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Duration, Event, Message, Note, Observation, Unit};
    use crate::outcome::{Cause, Failure, Outcome};

    fn duration() -> impl Strategy<Value = Duration> {
        any::<u64>().prop_map(Duration::from_nanos)
    }

    fn event() -> impl Strategy<Value = Event> {
        let unit = prop::sample::select(Unit::ALL.to_vec());
        prop_oneof![
            (any::<String>(), prop::option::of(0..usize::MAX), duration()).prop_map(
                |(name, parent, offset)| Event::StepBegan {
                    name,
                    parent,
                    offset
                }
            ),
            (any::<usize>(), duration())
                .prop_map(|(step, duration)| Event::StepFinished { step, duration }),
            (any::<String>(), prop::num::f64::NORMAL, unit).prop_map(|(name, value, unit)| {
                Event::Observed(Observation { name, value, unit })
            }),
            (any::<String>(), duration(), any::<bool>()).prop_map(|(text, offset, is_warning)| {
                Event::Noted(Note {
                    offset,
                    text,
                    is_warning,
                })
            }),
            Just(Event::LeftOut),
        ]
    }

    fn failure() -> impl Strategy<Value = Failure> {
        let cause = prop::sample::select(Cause::ALL.to_vec());
        let location = prop::option::of(".+");
        let sources = prop::collection::vec(any::<String>(), 0..4);
        (cause, any::<String>(), location, sources).prop_map(
            |(cause, message, location, sources)| {
                let failure = Failure::new(cause, message);
                let failure = match location {
                    Some(location) => failure.at(location),
                    None => failure,
                };
                sources.into_iter().fold(failure, Failure::because)
            },
        )
    }

    fn message() -> impl Strategy<Value = Message> {
        prop_oneof![
            event().prop_map(Message::Event),
            failure().prop_map(Message::Panicked),
            Just(Message::Ended(Outcome::Pass)),
            any::<String>().prop_map(|text| Message::Ended(Outcome::Warn(text))),
            any::<String>().prop_map(|text| Message::Ended(Outcome::Skip(text))),
            failure().prop_map(|failure| Message::Ended(Outcome::Fail(failure))),
        ]
    }

    proptest! {
        #[test]
        fn a_message_is_read_as_it_was_written(message in message()) {
            let line = message.to_line();
            let line = line.strip_suffix('\n').unwrap();
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(Message::from_line(line), Some(message));
        }

        #[test]
        fn anything_can_be_read_without_harm(line in any::<String>(), cut in any::<prop::sample::Index>(), message in message()) {
            _ = Message::from_line(&line);
            let whole = message.to_line();
            let letters: Vec<char> = whole.chars().collect();
            let part: String = letters[..cut.index(letters.len())].iter().collect();
            _ = Message::from_line(&part);
        }
    }

    #[test]
    fn the_seeds_of_the_fuzz_target_do_no_harm() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/wire");
        let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(seeds.len() >= 5);
        for seed in seeds {
            super::fuzzed(&std::fs::read(seed.unwrap().path()).unwrap());
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for line in [
            "",
            "hello",
            "pass\tx",
            "step\tx\t1\tname",
            "note\t1",
            "note\t1\t\\x",
            "fail\tlost\t\tx",
        ] {
            assert_eq!(Message::from_line(line), None, "{line:?}");
        }
    }
}
