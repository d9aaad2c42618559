//! The memory of the machine.

use std::path::Path;

use super::Room;
use crate::reading::{Unreadable, number_after, read};

pub(super) fn room(proc: &Path) -> Result<Room, Unreadable> {
    let file = proc.join("meminfo");
    let text = read(&file)?;
    let bytes = |name| {
        let kibibytes = number_after(&file, &text, name)?;
        Ok(kibibytes.saturating_mul(1024))
    };
    Ok(Room {
        limit: bytes("MemTotal:")?,
        available: bytes("MemAvailable:")?,
        source: "the machine (/proc/meminfo)".to_owned(),
    })
}
