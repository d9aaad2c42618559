//! Who gives way to whom.

/// So much lower than usual, of the twenty steps that there are: enough that the tests do not notice, and not so much that
/// nothing is done until they are over.
#[cfg(target_os = "linux")]
const STEPS: i32 = 10;

/// Lets this thread, and whatever it starts from here on, give way to everybody else, where the system has a priority
/// for single threads: for what is measured while the tests run.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    {
        // Where that is forbidden, it is as fast as everybody else.
        _ = rustix::process::nice(STEPS);
    }
}
