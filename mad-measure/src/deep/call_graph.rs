//! Who calls whom how often, as callgrind writes it down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Counts;
use crate::graph;

/// Who calls whom.
#[derive(Debug, Default)]
pub(super) struct CallGraph {
    functions: HashMap<u64, Function>,
}

#[derive(Debug, Default)]
struct Function {
    name: String,
    /// Instructions of its own.
    own: u64,
    calls: BTreeMap<u64, Calls>,
}

/// Calls of one function by another: how often, and the instructions in there.
#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    count: u64,
    instructions: u64,
}

impl CallGraph {
    /// Reads callgrind's format, in which a name is written once and is a number afterwards. What it does not know it
    /// passes over.
    pub(super) fn of(text: &str) -> Self {
        let mut graph = Self::default();
        let (mut function, mut called, mut count) = (None, None, None);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                function = graph.function(name);
            } else if let Some(name) = line.strip_prefix("cfn=") {
                called = graph.function(name);
            } else if let Some(calls) = line.strip_prefix("calls=") {
                count = calls.split(' ').next().and_then(|count| count.parse().ok());
            } else if let (Some(function), Some(cost)) = (function, cost(line)) {
                graph.add(function, cost, count.take().zip(called));
            }
        }
        graph
    }

    /// `(17) shop::orders::place`, or only `(17)`.
    fn function(&mut self, name: &str) -> Option<u64> {
        let (number, name) = name.strip_prefix('(')?.split_once(')')?;
        let number = number.parse().ok()?;
        let function = self.functions.entry(number).or_default();
        if !name.trim().is_empty() {
            name.trim().clone_into(&mut function.name);
        }
        Some(number)
    }

    fn add(&mut self, function: u64, cost: u64, call: Option<(u64, u64)>) {
        let function = self.functions.entry(function).or_default();
        match call {
            None => function.own = function.own.saturating_add(cost),
            Some((count, called)) => {
                let calls = function.calls.entry(called).or_default();
                calls.count = calls.count.saturating_add(count);
                calls.instructions = calls.instructions.saturating_add(cost);
            }
        }
    }

    /// What a function with all that it calls comes to; nothing, if there is none of this name.
    pub(super) fn counts(&self, name: &str) -> Option<Counts> {
        let mut functions = self.functions.iter();
        let (root, function) = functions.find(|(_, function)| function.name == name)?;
        let calls = function.calls.iter().filter(|(called, _)| *called != root);
        let instructions = calls.map(|(_, calls)| calls.instructions);
        let reached = self.reached(*root);
        let of_all = reached
            .iter()
            .filter_map(|number| self.functions.get(number));
        Some(Counts {
            instructions: instructions.fold(function.own, u64::saturating_add),
            calls: of_all
                .flat_map(|function| function.calls.values())
                .fold(0, |sum, calls| sum.saturating_add(calls.count)),
            depth: self.depth(*root, &reached),
            fan_out: function.calls.len() as u64,
        })
    }

    fn reached(&self, root: u64) -> BTreeSet<u64> {
        let mut reached = BTreeSet::from([root]);
        let mut next = vec![root];
        while let Some(number) = next.pop() {
            let calls = self
                .functions
                .get(&number)
                .into_iter()
                .flat_map(|function| function.calls.keys());
            next.extend(calls.filter(|called| reached.insert(**called)));
        }
        reached
    }

    /// The longest way down, as [`graph::depths`] has it.
    fn depth(&self, root: u64, reached: &BTreeSet<u64>) -> u64 {
        let places: HashMap<_, _> = reached.iter().zip(0..).collect();
        let calls = reached.iter().map(|number| {
            let calls = self.functions.get(number).into_iter();
            let called = calls.flat_map(|function| function.calls.keys());
            called
                .filter_map(|called| places.get(called).copied())
                .collect()
        });
        let depths = graph::depths(&calls.collect::<Vec<_>>());
        places.get(&root).map_or(0, |place| depths[*place])
    }
}

/// The last number of a line that begins with a position.
fn cost(line: &str) -> Option<u64> {
    let begins = line
        .starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '*'));
    let (_, cost) = line.rsplit_once(' ')?;
    cost.parse().ok().filter(|_| begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbers_after_their_first_time() {
        let text = "events: Ir\nsummary: 99\n\nfn=(1) shop::test\n8 5\ncfn=(2) shop::place\ncalls=3 *\n* 30\n+1 2\n\n\
            fn=(2)\n20 12\ncfn=(3) shop::stock\ncalls=6 4\n+2 18\ncfn=(2)\ncalls=1 20\n* 9\n\nfn=(3)\n4 18\ntotals: 99\n";
        let counts = CallGraph::of(text).counts("shop::test");
        let expected = Counts {
            instructions: 37,
            calls: 10,
            depth: 3,
            fan_out: 1,
        };
        assert_eq!(counts, Some(expected));
        assert_eq!(CallGraph::of(text).counts("shop::other"), None);
        assert_eq!(CallGraph::of("hello\n\u{1}").counts("shop::test"), None);
    }
}
