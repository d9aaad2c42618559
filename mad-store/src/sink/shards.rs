//! Several servers of a kind, each with its share of the hosts.

use super::spelling::{hash, plain_word};
use super::{Reading, Receipt, Sink, SinkError};

/// Which of the shards has what is of a host: always the same one, in whatever order they are listed. When a shard is
/// added or taken away, only the hosts that it gets or had move.
///
/// ```
/// use mad_store::sink::shard_of;
///
/// let shards = ["db-1:3306", "db-2:3306", "db-3:3306"];
/// let of_ci_7 = shards[shard_of(&shards, "ci-7")];
/// let without_another: Vec<_> = shards.into_iter().filter(|shard| *shard == of_ci_7 || *shard != "db-1:3306").collect();
/// assert_eq!(without_another[shard_of(&without_another, "ci-7")], of_ci_7);
/// ```
///
/// # Panics
///
/// If there is no shard.
pub fn shard_of(shards: &[impl AsRef<str>], host: &str) -> usize {
    let weight = |index: &usize| hash(&format!("{}\n{host}", shards[*index].as_ref()));
    (0..shards.len())
        .max_by_key(weight)
        .expect("there is a shard")
}

/// Several sinks of a kind, each of which gets what is of its hosts.
#[derive(Debug)]
pub(super) struct Shards<S> {
    names: Vec<String>,
    sinks: Vec<S>,
}

impl<S: Sink> Shards<S> {
    /// A sink for each name.
    pub(super) fn new(names: &[String], sink: impl Fn(&str) -> S) -> Self {
        Self {
            names: names.to_vec(),
            sinks: names.iter().map(|name| sink(name)).collect(),
        }
    }
}

impl<S: Sink> Sink for Shards<S> {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        if let [only] = self.sinks.as_mut_slice() {
            return only.send(batch);
        }
        let mut shares = vec![Vec::new(); self.sinks.len()];
        for reading in batch {
            // As a path of rrdcached begins, so that a relay decides alike.
            let shard = shard_of(&self.names, &plain_word(reading.label("host")));
            shares[shard].push(reading.clone());
        }
        let mut all = Receipt::default();
        for (sink, share) in self.sinks.iter_mut().zip(shares) {
            if !share.is_empty() {
                let receipt = sink.send(&share)?;
                all.taken += receipt.taken;
                all.present += receipt.present;
                all.refused.extend(receipt.refused);
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_host_moves_only_to_the_shard_that_is_new(n_shards in 1_usize..9, host in ".*") {
            let shards: Vec<_> = (0..n_shards).map(|number| format!("db-{number}")).collect();
            let more: Vec<_> = shards.iter().cloned().chain(["new".to_owned()]).collect();
            let (before, after) = (&shards[shard_of(&shards, &host)], &more[shard_of(&more, &host)]);
            prop_assert!(after == before || after == "new");
            let reversed: Vec<_> = more.iter().rev().collect();
            prop_assert_eq!(reversed[shard_of(&reversed, &host)], after);
        }
    }

    #[test]
    fn each_shard_has_its_share() {
        let shards: Vec<_> = (0..4).map(|number| format!("db-{number}")).collect();
        let mut hosts = [0; 4];
        for number in 0..1000 {
            hosts[shard_of(&shards, &format!("ci-{number}"))] += 1;
        }
        assert!(
            hosts.iter().all(|share| (200..300).contains(share)),
            "{hosts:?}"
        );
    }
}
