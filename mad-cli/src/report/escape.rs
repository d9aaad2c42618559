//! Texts in HTML and SVG.

use std::fmt;

/// A text, written so that it stands for itself in an element or between double quotes.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(|letter: char| {
            matches!(letter, '&' | '<' | '>' | '"' | '\'')
                || (letter.is_control() && letter != '\n')
        }) {
            formatter.write_str(&rest[..at])?;
            let letter = rest[at..].chars().next().unwrap_or_default();
            formatter.write_str(match letter {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                _ => "\u{fffd}",
            })?;
            rest = &rest[at + letter.len_utf8()..];
        }
        formatter.write_str(rest)
    }
}

/// A number with as many digits as people read.
pub(super) struct Short(pub(super) f64);

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let size = value.abs();
        match size {
            _ if value.fract() == 0.0 && size < 1e9 => write!(formatter, "{value}"),
            1e5.. => write!(formatter, "{value:.3e}"),
            100.0.. => write!(formatter, "{value:.1}"),
            1.0.. => write!(formatter, "{value:.2}"),
            0.01.. => write!(formatter, "{value:.4}"),
            _ => write!(formatter, "{value:.2e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        let text = Escaped("a<b>\"c\" & 'd'\u{1b}[31mé").to_string();
        assert_eq!(
            text,
            "a&lt;b&gt;&quot;c&quot; &amp; &#39;d&#39;\u{fffd}[31mé"
        );
    }

    #[test]
    fn numbers_are_short() {
        let words = |value| Short(value).to_string();
        assert_eq!(words(8_265_525.0), "8265525");
        assert_eq!(words(0.123_456), "0.1235");
        assert_eq!(words(12.345), "12.35");
        assert_eq!(words(0.000_012_3), "1.23e-5");
    }
}
