//! How many files and connections the system lets this process have open.

use std::fs;

/// Returns half of them: the other half is the application's. Nothing where the system does not say, or
/// sets no limit.
pub(super) fn half_of_them() -> Option<u32> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    half_of(&limits)
}

fn half_of(limits: &str) -> Option<u32> {
    let limit = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = limit.split_whitespace().next()?;
    let soft: u64 = soft.parse().ok()?;
    Some(u32::try_from(soft / 2).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::half_of;

    #[test]
    fn half_of_the_soft_limit_is_for_connections() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             7823                 7823                 processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(half_of(limits), Some(512));
        assert_eq!(half_of(&limits.replace("1024", "unlimited")), None);
        assert_eq!(half_of(""), None);
    }
}
