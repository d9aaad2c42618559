//! gzip, in blocks, of which those that are known from before are not compressed again.
//!
//! Deflate data that ends with a full flush needs nothing that stands before it. So compressed blocks can be
//! put one after another, and the checksum of the whole is combined from theirs. What a page repeats from the
//! scrape before, which is most of it in most services, costs no more than a look-up.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use axum::body::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};
use parking_lot::Mutex;
use twox_hash::XxHash3_128;

/// What stands before the data: the marks of gzip and deflate, no flags, no time, the fastest algorithm, an
/// unknown system.
const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];

/// The last block of the data: an empty one, marked as the last.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// For how many pages a block is kept that none of them has: two scrapers may want two formats in turn.
const PATIENCE: u32 = 2;

/// Compresses pages, and remembers the blocks of the last ones.
#[derive(Debug, Default)]
pub(crate) struct Gzip {
    /// Nobody who writes a label knows it, and so nobody can make two blocks that are taken for one.
    seed: Seed,
    remembered: Mutex<HashMap<Key, Packed>>,
}

#[derive(Debug)]
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one("gzip"))
    }
}

/// What a block is known by, instead of a copy of it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Key {
    hash: u128,
    length: usize,
}

/// A compressed block.
#[derive(Debug)]
struct Packed {
    data: Bytes,
    crc: Crc,
    pages_unused: u32,
}

impl Gzip {
    /// Compresses a page. Each block is freed when it is compressed, so that there are never two pages.
    pub(crate) fn pack(&self, blocks: Vec<Bytes>) -> Vec<Bytes> {
        // Out of the lock: who comes meanwhile compresses everything, and waits for nobody.
        let mut known = std::mem::take(&mut *self.remembered.lock());
        for packed in known.values_mut() {
            packed.pages_unused += 1;
        }
        let mut compress = Compress::new(Compression::fast(), false);
        let mut crc = Crc::new();
        let mut page = Vec::with_capacity(blocks.len() + 2);
        page.push(Bytes::from_static(HEADER));
        for block in blocks {
            let packed = known
                .entry(self.key(&block))
                .or_insert_with(|| Packed::new(&mut compress, &block));
            packed.pages_unused = 0;
            crc.combine(&packed.crc);
            page.push(packed.data.clone());
        }
        page.push(trailer(&crc));
        known.retain(|_, packed| packed.pages_unused < PATIENCE);
        *self.remembered.lock() = known;
        page
    }

    fn key(&self, block: &[u8]) -> Key {
        Key {
            hash: XxHash3_128::oneshot_with_seed(self.seed.0, block),
            length: block.len(),
        }
    }
}

impl Packed {
    fn new(compress: &mut Compress, block: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(block);
        Self {
            data: deflate(compress, block).into(),
            crc,
            pages_unused: 0,
        }
    }
}

fn deflate(compress: &mut Compress, block: &[u8]) -> Vec<u8> {
    // Pages come down to a sixth; what does not gets more room.
    let step = block.len() / 4 + 64;
    let mut data = Vec::new();
    let mut rest = block;
    loop {
        data.reserve(step);
        let before = compress.total_in();
        compress
            .compress_vec(rest, &mut data, FlushCompress::Full)
            .expect("deflate takes any bytes");
        let taken = usize::try_from(compress.total_in() - before).unwrap_or(rest.len());
        rest = &rest[taken..];
        // Room is left over when nothing is left to be written.
        if data.len() < data.capacity() {
            data.shrink_to_fit();
            return data;
        }
    }
}

/// The end of a gzip file: the last block, the checksum, and the length without its upper bits.
fn trailer(crc: &Crc) -> Bytes {
    let mut trailer = LAST_BLOCK.to_vec();
    trailer.extend(crc.sum().to_le_bytes());
    trailer.extend(crc.amount().to_le_bytes());
    trailer.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn unpacked(page: &[Bytes]) -> Vec<u8> {
        let page = page.concat();
        let mut decoder = GzDecoder::new(&page[..]);
        let mut bytes = Vec::new();
        decoder.read_to_end(&mut bytes).expect("it is gzip");
        // One member and nothing after it, as not every client reads on.
        assert_eq!(decoder.into_inner(), b"");
        bytes
    }

    fn is_shared(left: &Bytes, right: &Bytes) -> bool {
        left.as_ptr() == right.as_ptr()
    }

    #[test]
    fn a_block_that_was_there_before_is_not_compressed_again() {
        let gzip = Gzip::default();
        let blocks = |counter: &str| {
            [counter, "a_total 1\n", "b_total 2\n"].map(|block| Bytes::from(block.to_owned()))
        };
        let first = gzip.pack(blocks("c_total 1\n").to_vec());
        let second = gzip.pack(blocks("c_total 2\n").to_vec());
        assert!(!is_shared(&first[1], &second[1]));
        assert!(is_shared(&first[2], &second[2]));
        assert!(is_shared(&first[3], &second[3]));
        assert_eq!(unpacked(&second), b"c_total 2\na_total 1\nb_total 2\n");
    }

    #[test]
    fn what_is_not_there_any_more_is_forgotten() {
        let gzip = Gzip::default();
        for number in 0..10 {
            gzip.pack(vec![format!("a_total {number}\n").into()]);
        }
        assert_eq!(gzip.remembered.lock().len(), 2);
    }

    #[test]
    fn a_block_that_does_not_get_smaller_is_whole() {
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_be_bytes()[0]
        });
        let block: Vec<u8> = noise.take(100_000).collect();
        let page = Gzip::default().pack(vec![block.clone().into()]);
        assert_eq!(unpacked(&page), block);
    }

    proptest! {
        #[test]
        fn pages_come_out_as_they_went_in(pages in vec(vec(vec(any::<u8>(), 0..300), 0..5), 1..4)) {
            let gzip = Gzip::default();
            for page in pages {
                let blocks = page.iter().cloned().map(Bytes::from).collect();
                prop_assert_eq!(unpacked(&gzip.pack(blocks)), page.concat());
            }
        }
    }
}
