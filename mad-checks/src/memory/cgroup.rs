//! The limits of control groups, version 2.

use std::path::{Component, Path, PathBuf};

use super::Room;
use crate::reading::{Unreadable, number_after, read, read_if_there, whole_number};

/// Returns the room in each group with a limit: that of this process, and those above.
pub(super) fn rooms(proc: &Path, groups: &Path) -> Result<Vec<Room>, Unreadable> {
    let own = read_if_there(&proc.join("self/cgroup"))?.unwrap_or_default();
    let own = own.lines().find_map(|line| line.strip_prefix("0::"));
    let Some(own) = own else {
        return Ok(Vec::new());
    };
    let own = below_the_root(own);
    let rooms = own.ancestors().map(|group| room(groups, group));
    let rooms: Result<Vec<_>, _> = rooms.collect();
    Ok(rooms?.into_iter().flatten().collect())
}

/// Returns the path of a group without its leading slash. One outside of what this process can see begins
/// with `..`: of it, only the root of the view is known.
fn below_the_root(own: &str) -> PathBuf {
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::RootDir);
    if !Path::new(own).components().all(|part| is_name(&part)) {
        return PathBuf::new();
    }
    PathBuf::from(own.trim_start_matches('/'))
}

fn room(groups: &Path, group: &Path) -> Result<Option<Room>, Unreadable> {
    let file = |name: &str| groups.join(group).join(name);
    // The root of all groups has no such file, and neither has one whose parent hands no memory out.
    let Some(max) = read_if_there(&file("memory.max"))? else {
        return Ok(None);
    };
    if max.trim() == "max" {
        return Ok(None);
    }
    let limit = whole_number(&file("memory.max"), &max)?;
    let current = file("memory.current");
    let current = whole_number(&current, &read(&current)?)?;
    let stat = file("memory.stat");
    let text = read(&stat)?;
    let cache = number_after(&stat, &text, "inactive_file")?.saturating_add(number_after(
        &stat,
        &text,
        "active_file",
    )?);
    let used = current.saturating_sub(cache);
    Ok(Some(Room {
        available: limit.saturating_sub(used),
        limit,
        source: format!("the control group /{}", group.display()),
    }))
}
