//! The facade's macros, with a handle that is kept at the call site.

/// As `metrics::counter!`, and several times as fast if name and labels are literals: the call site keeps
/// the handle.
///
/// Whatever else `metrics::counter!` takes, this takes too, and passes on: names and labels that are no literals,
/// `description:` and its like. A recorder that is installed later is noticed, and one that is set for a
/// closure, as tests do, has what is recorded in it.
///
/// What comes back derefs to the facade's handle, as its owner is the call site. Where the handle itself is wanted,
/// to be put into a field, say, `.clone()` gives it, however name and labels are written.
///
/// ```
/// use mad_metrics::{Builder, counter};
///
/// let kept: metrics::Counter = counter!("orders_total", "kind" => "map").clone();
/// kept.increment(1);
///
/// fn order() {
///     counter!("orders_total", "kind" => "book").increment(1);
/// }
///
/// order(); // Nobody listens yet.
/// let handle = Builder::new().install()?;
/// order();
/// assert!(handle.render().contains("orders_total{kind=\"book\"} 1\n"));
/// # Ok::<(), mad_metrics::BuildError>(())
/// ```
#[macro_export]
macro_rules! counter {
    ($name:literal $(, $label:literal => $value:literal)* $(,)?) => {
        $crate::__kept_at_call_site!(Counter, $name $(, $label => $value)*)
    };
    ($($input:tt)*) => {
        $crate::__private::metrics::counter!($($input)*)
    };
}

/// As `metrics::gauge!`, with a handle that the call site keeps if name and labels are literals; see
/// [`counter!`].
///
/// ```
/// mad_metrics::gauge!("queue_length", "queue" => "mail").set(3);
/// ```
#[macro_export]
macro_rules! gauge {
    ($name:literal $(, $label:literal => $value:literal)* $(,)?) => {
        $crate::__kept_at_call_site!(Gauge, $name $(, $label => $value)*)
    };
    ($($input:tt)*) => {
        $crate::__private::metrics::gauge!($($input)*)
    };
}

/// As `metrics::histogram!`, with a handle that the call site keeps if name and labels are literals; see
/// [`counter!`].
///
/// ```
/// let start = std::time::Instant::now();
/// mad_metrics::histogram!("wait_seconds").record(start.elapsed());
/// ```
#[macro_export]
macro_rules! histogram {
    ($name:literal $(, $label:literal => $value:literal)* $(,)?) => {
        $crate::__kept_at_call_site!(Histogram, $name $(, $label => $value)*)
    };
    ($($input:tt)*) => {
        $crate::__private::metrics::histogram!($($input)*)
    };
}

/// Describes a histogram, with the bounds of its buckets beside the text.
///
/// The text, and the unit, which may be absent, go to the recorder at hand, as with
/// `metrics::describe_histogram!`. The buckets are for every recorder of this crate, and must be there
/// before the first observation.
///
/// ```
/// use mad_metrics::{Builder, describe_histogram, histogram};
/// use metrics::Unit;
///
/// let handle = Builder::new().install()?;
/// describe_histogram!("size_bytes", Unit::Bytes, "Sizes of mails.", buckets: &[1e3, 1e6]);
/// histogram!("size_bytes").record(4711);
/// assert!(handle.render().contains("size_bytes_bucket{le=\"1e+06\"} 1\n"));
/// # Ok::<(), mad_metrics::BuildError>(())
/// ```
#[macro_export]
macro_rules! describe_histogram {
    ($name:expr, $unit:expr, $help:expr, buckets: $bounds:expr $(,)?) => {{
        let name = $name;
        $crate::declare_buckets(name, $bounds);
        $crate::__private::metrics::describe_histogram!(name, $unit, $help);
    }};
    ($name:expr, $help:expr, buckets: $bounds:expr $(,)?) => {{
        let name = $name;
        $crate::declare_buckets(name, $bounds);
        $crate::__private::metrics::describe_histogram!(name, $help);
    }};
    ($($input:tt)*) => {
        $crate::__private::metrics::describe_histogram!($($input)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __kept_at_call_site {
    // A call and no block, as a block with a `&` before it would have to be what is borrowed in the end.
    ($handle:ident, $name:literal $(, $label:literal => $value:literal)*) => {
        $crate::__private::CallSite::handle({
            static LABELS: &[$crate::__private::metrics::Label] = &[
                $($crate::__private::metrics::Label::from_static_parts($label, $value)),*
            ];
            static SITE: $crate::__private::CallSite<$crate::__private::metrics::$handle> =
                $crate::__private::CallSite::new(
                    $crate::__private::metrics::Key::from_static_parts($name, LABELS),
                    $crate::__private::metrics::Metadata::new(
                        ::core::module_path!(),
                        $crate::__private::metrics::Level::INFO,
                        ::core::option::Option::Some(::core::module_path!()),
                    ),
                );
            &SITE
        })
    };
}
