//! One word for many: the same whenever they are the same, in every process and on every machine.

use twox_hash::XxHash3_128;

/// A word for these parts, in this order.
pub(crate) fn of<Part: AsRef<[u8]>>(parts: impl IntoIterator<Item = Part>) -> String {
    let mut hasher = XxHash3_128::new();
    for part in parts {
        let part = part.as_ref();
        // With its length, a part does not run into the next one.
        hasher.write(&part.len().to_le_bytes());
        hasher.write(part);
    }
    format!("{:032x}", hasher.finish_128())
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(super::of(["ab", "c"]), super::of(["a", "bc"]));
        assert_eq!(super::of(["a"]).len(), 32);
    }
}
