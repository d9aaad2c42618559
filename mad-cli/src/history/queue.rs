//! What is to be measured, in order: commits that are alike are one job.

use std::collections::HashMap;
use std::str::FromStr;

use super::order::newest_and_ends_first;

/// Commits that are built from the same, of which one is measured for all.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Job {
    /// What they are built from.
    pub(super) content: String,
    /// Places among the commits that are meant; the first is the one that is measured.
    pub(super) places: Vec<usize>,
    /// Which of the repeats it is.
    pub(super) round: u32,
}

/// One part of several that are worked on by different machines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shard {
    number: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text
            .split_once('/')
            .and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("write which of how many: `2/3`"),
        }
    }
}

impl Shard {
    fn has(self, index: usize) -> bool {
        index % self.of == self.number - 1
    }
}

/// All jobs: the newest and the ends first, then the middles; each repeat after all of the one before, so that a machine
/// that is slow for a while is not slow for one commit alone.
pub(super) fn jobs(contents: &[&str], rounds: u32, shard: Option<Shard>) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    let mut known = HashMap::new();
    for place in newest_and_ends_first(contents.len()) {
        let index = *known.entry(contents[place]).or_insert(jobs.len());
        match jobs.get_mut(index) {
            Some(job) => job.places.push(place),
            None => jobs.push(Job {
                content: contents[place].to_owned(),
                places: vec![place],
                round: 0,
            }),
        }
    }
    let of_shard = |(index, _): &(usize, Job)| shard.is_none_or(|shard| shard.has(*index));
    let jobs: Vec<Job> = jobs
        .into_iter()
        .enumerate()
        .filter(of_shard)
        .map(|(_, job)| job)
        .collect();
    let round = |round| jobs.iter().cloned().map(move |job| Job { round, ..job });
    (0..rounds).flat_map(round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_that_are_alike_are_one_job() {
        let jobs = jobs(&["a", "b", "b", "c"], 2, None);
        let told: Vec<_> = jobs
            .iter()
            .map(|job| (job.places.clone(), job.round))
            .collect();
        let once = [vec![3], vec![0], vec![1, 2]];
        assert_eq!(told[..3], once.clone().map(|places| (places, 0)));
        assert_eq!(told[3..], once.map(|places| (places, 1)));
    }

    #[test]
    fn shards_have_everything_once_together() {
        let names: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let contents: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut places: Vec<usize> = ["1/3", "2/3", "3/3"]
            .iter()
            .flat_map(|shard| jobs(&contents, 1, Some(shard.parse().unwrap())))
            .flat_map(|job| job.places)
            .collect();
        places.sort_unstable();
        assert_eq!(places, (0..20).collect::<Vec<_>>());
        for wrong in ["0/3", "4/3", "1", "a/b", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
