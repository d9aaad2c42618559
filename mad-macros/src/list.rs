//! Splits tokens at their commas.

use proc_macro2::{TokenStream, TokenTree};

/// Returns what stands between the commas; a comma at the end adds nothing, and one with nothing before it is what stands
/// there, so that it can be pointed at.
///
/// Commas inside brackets are inside a token of their own already. Those of a turbofish
/// (`HashMap::<K, V>::new()`) are not, so angle brackets that follow `::` are counted.
pub(crate) fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut turbofish = Turbofish::default();
    for token in tokens {
        if turbofish.is_outside_after(&token) && is(&token, ',') {
            if part.is_empty() {
                part.push(token);
            }
            parts.push(part.drain(..).collect());
        } else {
            part.push(token);
        }
    }
    if !part.is_empty() {
        parts.push(part.into_iter().collect());
    }
    parts
}

/// How many angle brackets of a turbofish are open.
#[derive(Default)]
struct Turbofish {
    depth: usize,
    before: [Option<char>; 2],
}

impl Turbofish {
    fn is_outside_after(&mut self, token: &TokenTree) -> bool {
        let now = punctuation(token);
        match (self.before, now) {
            ([Some(':'), Some(':')], Some('<')) => self.depth += 1,
            (_, Some('<')) if self.depth > 0 => self.depth += 1,
            ([_, Some('-')], Some('>')) => {}
            (_, Some('>')) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.before = [self.before[1], now];
        self.depth == 0
    }
}

fn is(token: &TokenTree, wanted: char) -> bool {
    punctuation(token) == Some(wanted)
}

fn punctuation(token: &TokenTree) -> Option<char> {
    match token {
        TokenTree::Punct(punct) => Some(punct.as_char()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::split_at_commas;

    fn check(text: &str, expected: &[&str]) {
        let parts = split_at_commas(text.parse().unwrap());
        let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
        let expected = expected
            .iter()
            .map(|part| part.parse::<proc_macro2::TokenStream>().unwrap());
        assert_eq!(
            parts,
            expected.map(|part| part.to_string()).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_comma_at_the_end_adds_nothing() {
        check("", &[]);
        check("a", &["a"]);
        check("a, b,", &["a", "b"]);
    }

    #[test]
    fn a_comma_too_many_is_there() {
        check("a,, b", &["a", ",", "b"]);
        check(",", &[","]);
    }

    #[test]
    fn brackets_keep_their_commas() {
        check(
            "f(1, 2), [3, 4], S { a, b }",
            &["f(1, 2)", "[3, 4]", "S { a, b }"],
        );
    }

    #[test]
    fn a_turbofish_keeps_its_commas() {
        check("M::<K, Vec<V>>::new(), 2", &["M::<K, Vec<V>>::new()", "2"]);
        check("f::<fn(u8) -> u8, V>, 2", &["f::<fn(u8) -> u8, V>", "2"]);
    }

    #[test]
    fn comparisons_are_no_brackets() {
        check("a < b, c > d", &["a < b", "c > d"]);
    }
}
