//! Writes metric families in the Prometheus text format, version 0.0.4.

use std::fmt::{self, Display, Write};

/// The name and the value of each label of a sample.
pub(crate) type Labels<'a> = &'a [(&'a str, &'a str)];

/// A metric family: samples that share a name, a type and a help text.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) kind: FamilyKind,
    pub(crate) help: &'static str,
}

/// What kind of numbers a family has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FamilyKind {
    Counter,
    Gauge,
    Histogram,
}

impl FamilyKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Writes the samples of one family, and its HELP and TYPE before the first of them.
///
/// A family without samples leaves no trace.
#[derive(Debug)]
pub(crate) struct FamilyWriter<'a> {
    page: &'a mut String,
    family: &'a Family,
    is_announced: bool,
}

impl<'a> FamilyWriter<'a> {
    pub(crate) fn new(page: &'a mut String, family: &'a Family) -> Self {
        Self {
            page,
            family,
            is_announced: false,
        }
    }

    /// Writes a sample that counts.
    pub(crate) fn count(&mut self, labels: Labels<'_>, value: u64) {
        self.line("", labels, None, value);
    }

    /// Writes a sample that measures.
    pub(crate) fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.line("", labels, None, Number(value));
    }

    /// Writes a histogram. `counts` are those of each bucket alone, with one more for what is above
    /// every bound.
    pub(crate) fn histogram(
        &mut self,
        labels: Labels<'_>,
        bounds: &[f64],
        counts: &[u64],
        sum: f64,
    ) {
        let mut total = 0;
        let bounds = bounds.iter().copied().chain([f64::INFINITY]);
        for (bound, count) in bounds.zip(counts) {
            total += count;
            self.line("_bucket", labels, Some(bound), total);
        }
        self.line("_sum", labels, None, Number(sum));
        self.line("_count", labels, None, total);
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, bound: Option<f64>, value: impl Display) {
        self.announce();
        let line = Line {
            name: self.family.name,
            suffix,
            labels,
            bound,
            value,
        };
        append(self.page, line);
    }

    fn announce(&mut self) {
        if self.is_announced {
            return;
        }
        self.is_announced = true;
        let Family { name, kind, help } = self.family;
        let help = Escaped {
            text: help,
            quotes: false,
        };
        append(self.page, format_args!("# HELP {name} {help}\n"));
        append(self.page, format_args!("# TYPE {name} {}\n", kind.as_str()));
    }
}

fn append(page: &mut String, text: impl Display) {
    // A `String` takes everything.
    _ = write!(page, "{text}");
}

/// One sample.
struct Line<'a, V> {
    name: &'a str,
    suffix: &'a str,
    labels: Labels<'a>,
    bound: Option<f64>,
    value: V,
}

impl<V: Display> Display for Line<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, self.suffix)?;
        let mut before = '{';
        for (name, value) in self.labels {
            let value = Escaped {
                text: value,
                quotes: true,
            };
            write!(f, "{before}{name}=\"{value}\"")?;
            before = ',';
        }
        if let Some(bound) = self.bound {
            write!(f, "{before}le=\"{}\"", Bound(bound))?;
            before = ',';
        }
        let after = if before == ',' { "}" } else { "" };
        writeln!(f, "{after} {}", self.value)
    }
}

/// A text with what would end it early escaped.
struct Escaped<'a> {
    text: &'a str,
    /// Whether it stands between quotes.
    quotes: bool,
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.text.chars() {
            match letter {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' if self.quotes => f.write_str("\\\"")?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// The value of a sample. `{:?}` has the shortest digits that mean the same number, with an exponent
/// where there would be many zeros.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            number if number.is_nan() => f.write_str("NaN"),
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            number if number.fract() == 0.0 && number.abs() < 1e15 => write!(f, "{number}"),
            number => write!(f, "{number:?}"),
        }
    }
}

/// The bound of a bucket, in the one form that `OpenMetrics` calls canonical (`1.0`).
///
/// `le="1"` and `le="1.0"` are two series to a Prometheus before version 3.
struct Bound(f64);

impl Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == f64::INFINITY {
            f.write_str("+Inf")
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Family = Family {
        name: "size_bytes",
        kind: FamilyKind::Gauge,
        help: "A back\\slash,\na line feed and a \"quote\".",
    };

    fn written(write: impl FnOnce(&mut FamilyWriter<'_>)) -> String {
        let mut page = String::new();
        write(&mut FamilyWriter::new(&mut page, &SIZE));
        page
    }

    fn last_line(page: &str) -> &str {
        page.lines().last().unwrap_or_default()
    }

    #[test]
    fn a_family_is_announced_once_and_only_with_samples() {
        assert_eq!(written(|_| {}), "");
        let page = written(|family| {
            family.count(&[], 1);
            family.gauge(&[("a", "x"), ("b", "y")], 0.5);
        });
        let expected = "# HELP size_bytes A back\\\\slash,\\na line feed and a \"quote\".\n\
                        # TYPE size_bytes gauge\n\
                        size_bytes 1\n\
                        size_bytes{a=\"x\",b=\"y\"} 0.5\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn numbers_are_written_as_prometheus_reads_them() {
        let check = |value: f64, expected: &str| {
            let page = written(|family| family.gauge(&[], value));
            assert_eq!(last_line(&page), format!("size_bytes {expected}"));
        };
        check(0.0, "0");
        check(1.0, "1");
        check(0.001, "0.001");
        check(1e-9, "1e-9");
        check(1e300, "1e300");
        check(f64::NAN, "NaN");
        check(f64::INFINITY, "+Inf");
        check(f64::NEG_INFINITY, "-Inf");
    }

    #[test]
    fn buckets_are_cumulative_and_end_with_the_count() {
        let page = written(|family| {
            family.histogram(&[("check", "db")], &[0.5, 1.0], &[2, 0, 1], 3.25);
        });
        let samples: Vec<_> = page.lines().skip(2).collect();
        let expected = [
            "size_bytes_bucket{check=\"db\",le=\"0.5\"} 2",
            "size_bytes_bucket{check=\"db\",le=\"1.0\"} 2",
            "size_bytes_bucket{check=\"db\",le=\"+Inf\"} 3",
            "size_bytes_sum{check=\"db\"} 3.25",
            "size_bytes_count{check=\"db\"} 3",
        ];
        assert_eq!(samples, expected);
    }

    /// Reads a label value back, as the format's definition says.
    fn unescaped(text: &str) -> String {
        let mut letters = text.chars();
        let mut value = String::new();
        while let Some(letter) = letters.next() {
            value.push(match letter {
                '\\' => match letters.next() {
                    Some('n') => '\n',
                    Some(other) => other,
                    None => '\\',
                },
                letter => letter,
            });
        }
        value
    }

    proptest! {
        #[test]
        fn any_label_value_stays_on_its_line_and_reads_back(value in "(?s).{0,40}") {
            let page = written(|family| family.count(&[("label", &value)], 7));
            prop_assert_eq!(page.matches('\n').count(), 3);
            let line = page.strip_suffix("\"} 7\n").and_then(|page| page.split_once("{label=\""));
            let (_, quoted) = line.expect("the line has the shape of a sample");
            prop_assert_eq!(unescaped(quoted), value);
        }

        #[test]
        fn any_finite_number_reads_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            let page = written(|family| family.gauge(&[], value));
            let read: f64 = last_line(&page)["size_bytes ".len()..].parse().expect("a number");
            prop_assert_eq!(read.to_bits(), value.to_bits());
        }
    }
}
