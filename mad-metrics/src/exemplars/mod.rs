//! Observations that lead to the request that they are from.
//!
//! Without the feature `tracing` nobody knows of requests: then there are none, and they cost nothing.

#[cfg(feature = "tracing")]
mod current;
#[cfg(feature = "tracing")]
mod kept;
#[cfg(feature = "tracing")]
mod layer;
#[cfg(feature = "tracing")]
mod trace;

#[cfg(feature = "tracing")]
pub use self::layer::ExemplarLayer;
#[cfg(feature = "tracing")]
pub(crate) use kept::Exemplars;
#[cfg(not(feature = "tracing"))]
pub(crate) use none::Exemplars;

#[cfg(not(feature = "tracing"))]
mod none {
    use crate::view::Exemplar;

    /// None, ever.
    #[derive(Debug, Default)]
    pub(crate) struct Exemplars(());

    impl Exemplars {
        #[inline]
        #[expect(clippy::unused_self, reason = "with the feature it keeps them")]
        pub(crate) fn keep(&self, _: impl FnOnce() -> Option<usize>, _: f64) {}

        #[inline]
        #[expect(clippy::unused_self, reason = "with the feature it may have some")]
        pub(crate) fn are_none(&self) -> bool {
            true
        }

        #[inline]
        #[expect(clippy::unused_self, reason = "with the feature it has them")]
        pub(crate) fn read(&self, exemplars: &mut Vec<Option<Exemplar>>) {
            exemplars.clear();
        }
    }
}
