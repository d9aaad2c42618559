//! Whether something moves.

/// Can be looked at from time to time, to see whether it has moved in between.
///
/// Whatever cannot tell says no: then whoever changes it has to leave a note.
pub(crate) trait Watched {
    /// Says whether it has moved since the last look.
    fn has_moved(&self) -> bool {
        false
    }

    /// Looks, and says whether it had moved.
    fn look(&self) -> bool {
        false
    }

    /// Is told before there is more to know than what it has come to.
    fn stand_out(&self) {}
}
