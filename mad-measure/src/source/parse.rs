//! Parsing what anybody may have written, without ever running out of stack.
//!
//! The parser calls itself for each thing inside of another. What nests deeper than the compiler itself would take is
//! not given to it, nor is a file so large that no count of this kind says enough.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{iter, thread};

use super::lexer::Class;

/// Files beyond are made by programs, and not read by anybody.
const MOST_BYTES: usize = 2 << 20;

/// How deep brackets may stand in each other; the compiler gives up at 128 of most things.
const DEEPEST_BRACKETS: usize = 200;

/// How many signs may follow each other, with nothing but space between: each may be an operator in front of the next.
const MOST_SIGNS: usize = 200;

/// How many words may follow each other without a `;` or a `,` between them: `else if`, `return`, `a = b = c`.
const LONGEST_STATEMENT: usize = 20_000;

/// Address space alone: what is not used takes no memory.
const STACK_BYTES: usize = 256 << 20;

/// Does something with each of these, on as many threads as there are processors, with so much stack that what
/// [`file()`] lets through always fits. The results have the order of what they are of.
pub(super) fn with_deep_stacks<T: Sync, R: Send>(
    all: &[T],
    each: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    // Whoever is done takes the next: files are of very different lengths.
    let work = || {
        let taken = iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let taken = taken.map_while(|index| Some((index, all.get(index)?)));
        taken
            .map(|(index, one)| (index, each(one)))
            .collect::<Vec<_>>()
    };
    let mut results = thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads.min(all.len()))
            .map(|_| {
                thread::Builder::new()
                    .name("mad-source".to_owned())
                    .stack_size(STACK_BYTES)
                    .spawn_scoped(scope, work)
                    .expect("a thread can be started")
            })
            .collect();
        let results = threads.into_iter().map(thread::ScopedJoinHandle::join);
        results
            .flat_map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Vec<_>>()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Parses a file; nothing, if it does not parse.
pub(super) fn file(text: &str, classes: &[Class]) -> Option<syn::File> {
    (text.len() <= MOST_BYTES && is_shallow(text, classes))
        .then(|| syn::parse_file(text).ok())
        .flatten()
}

/// Whether nothing in it stands so deep in other things that parsing it is dangerous.
fn is_shallow(text: &str, classes: &[Class]) -> bool {
    let (mut brackets, mut signs, mut words) = (0_usize, 0_usize, 0_usize);
    let mut is_in_word = false;
    let code = text.bytes().zip(classes);
    for (byte, _) in code.filter(|(_, class)| **class == Class::Code) {
        match byte {
            b'(' | b'[' | b'{' => brackets += 1,
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            b';' | b',' => words = 0,
            _ => {}
        }
        match byte {
            b'!' | b'&' | b'*' | b'-' | b'|' | b'<' | b'.' | b'\'' => signs += 1,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => signs = 0,
        }
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        words += usize::from(is_word && !is_in_word);
        is_in_word = is_word;
        if brackets > DEEPEST_BRACKETS || signs > MOST_SIGNS || words > LONGEST_STATEMENT {
            return false;
        }
    }
    true
}
