//! Registers as many entries of the same size with linkme; the argument says how far it goes.

use linkme::distributed_slice;

pub struct Entry {
    pub name: &'static str,
    pub function: fn(),
    /// What makes it as large as MAD's descriptor on 64 bits: 136 bytes.
    pub rest: [usize; 14],
}

#[distributed_slice]
pub static ENTRIES: [Entry];

fn main() {
    if let Some("sorted") = std::env::args().nth(1).as_deref() {
        let mut entries: Vec<&Entry> = ENTRIES.iter().collect();
        entries.sort_by_key(|entry| entry.name);
        std::hint::black_box(&entries);
    }
    std::process::exit(0);
}
