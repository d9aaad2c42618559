//! A page in the making.

use std::string::FromUtf8Error;

/// How many lines a block has before it ends.
///
/// With usual labels that is some 50 KB: enough to compress well, and little beside what a page holds.
const LINES: u32 = 512;

/// How many bytes the first block has room for, so that it is hardly ever moved while it grows.
const ROOM: usize = 48 * 1024;

/// A page in the making, in blocks.
///
/// A page of a hundred thousand series is never one piece of memory, which would have to be moved and doubled
/// when it grows. And as blocks end after so many lines, and not after so many bytes, what does not change
/// from page to page stands in a block that does not change: whoever compresses pages can use it again.
///
/// ```
/// use mad_metrics::Page;
///
/// let mut page = Page::new();
/// page.push_str("# nothing yet\n");
/// assert_eq!(page.into_bytes(), b"# nothing yet\n");
/// ```
#[derive(Clone, Debug)]
pub struct Page {
    blocks: Vec<Vec<u8>>,
    /// The block that is written to, if it is text.
    text: String,
    /// The block that is written to, if it is something else. One of the two is empty.
    bytes: Vec<u8>,
    lines: u32,
    /// Whether it is one block, however long it becomes.
    is_whole: bool,
}

impl Page {
    /// Makes an empty page.
    pub fn new() -> Self {
        Self {
            is_whole: false,
            ..Self::in_one_piece(ROOM)
        }
    }

    /// Makes an empty page that will be one block, with room for so many bytes.
    pub fn in_one_piece(capacity: usize) -> Self {
        Self {
            blocks: Vec::new(),
            text: String::with_capacity(capacity),
            bytes: Vec::new(),
            lines: 0,
            is_whole: true,
        }
    }

    /// Appends a text.
    pub fn push_str(&mut self, text: &str) {
        self.text().push_str(text);
    }

    /// Says that so many lines, or what counts as much, came to an end: here a block may end too.
    pub fn end_lines(&mut self, lines: u32) {
        self.lines += lines;
        if self.lines >= LINES && !self.is_whole {
            self.end_block();
        }
    }

    /// Ends the block at hand, if there is something in it.
    pub fn end_block(&mut self) {
        self.lines = 0;
        // The next one is about as long, and is not moved while it grows.
        let room = |len: usize| len + len / 16;
        let mut block = if self.bytes.is_empty() {
            let next = String::with_capacity(room(self.text.len()));
            std::mem::replace(&mut self.text, next).into_bytes()
        } else {
            let next = Vec::with_capacity(room(self.bytes.len()));
            std::mem::replace(&mut self.bytes, next)
        };
        if !block.is_empty() {
            block.shrink_to_fit();
            self.blocks.push(block);
        }
    }

    /// Returns the block that is written to, as text: then nobody has to look at it again to see that it is.
    pub(crate) fn text(&mut self) -> &mut String {
        if !self.bytes.is_empty() {
            self.end_block();
        }
        &mut self.text
    }

    /// Returns the block that is written to, for what is no text.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        if !self.text.is_empty() {
            self.end_block();
        }
        &mut self.bytes
    }

    /// Returns the blocks, none of which is empty.
    pub fn into_blocks(mut self) -> Vec<Vec<u8>> {
        self.end_block();
        self.blocks
    }

    /// Returns the page in one piece.
    pub fn into_bytes(mut self) -> Vec<u8> {
        if self.blocks.is_empty() && self.bytes.is_empty() {
            return self.text.into_bytes();
        }
        self.end_block();
        if self.blocks.len() > 1 {
            self.blocks.concat()
        } else {
            self.blocks.pop().unwrap_or_default()
        }
    }

    /// Returns the page in one piece, as text.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub(crate) fn into_text(self) -> Result<String, FromUtf8Error> {
        if self.blocks.is_empty() && self.bytes.is_empty() {
            return Ok(self.text);
        }
        String::from_utf8(self.into_bytes())
    }

    /// Returns where the next byte will stand.
    pub(crate) fn place(&mut self) -> Place {
        let offset = self.bytes().len();
        Place {
            block: self.blocks.len(),
            offset,
        }
    }

    /// Returns how many bytes there are from a place to the end.
    pub(crate) fn length_since(&self, place: Place) -> usize {
        let ended = self.blocks.iter().skip(place.block).map(Vec::len);
        ended.sum::<usize>() + self.text.len() + self.bytes.len() - place.offset
    }

    /// Replaces bytes that were written before, to which the place is that of the first.
    pub(crate) fn overwrite(&mut self, place: Place, bytes: &[u8]) {
        let block = self.blocks.get_mut(place.block).unwrap_or(&mut self.bytes);
        block[place.offset..place.offset + bytes.len()].copy_from_slice(bytes);
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new()
    }
}

/// Where something stands on a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    block: usize,
    offset: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_after_so_many_lines_whatever_their_length() {
        let blocks = |line: &str| {
            let mut page = Page::new();
            for _ in 0..=LINES * 2 {
                page.push_str(line);
                page.end_lines(1);
            }
            page.into_blocks()
        };
        for line in ["a 1\n", "a_much_longer_name 10000000\n"] {
            let lengths: Vec<_> = blocks(line).iter().map(Vec::len).collect();
            let full = LINES as usize * line.len();
            assert_eq!(lengths, [full, full, line.len()]);
        }
    }

    #[test]
    fn no_block_is_empty() {
        assert!(Page::new().into_blocks().is_empty());
        let mut page = Page::new();
        page.push_str("a");
        page.end_block();
        page.end_block();
        assert_eq!(page.into_blocks().len(), 1);
    }

    #[test]
    fn what_was_written_can_be_overwritten_in_whichever_block_it_is() {
        for ends in [0, 1, 2] {
            let mut page = Page::new();
            page.bytes().extend_from_slice(b"ab");
            let place = page.place();
            page.bytes().extend_from_slice(b"__");
            if ends > 0 {
                page.end_block();
            }
            page.push_str("cd");
            if ends > 1 {
                page.end_block();
            }
            assert_eq!(page.length_since(place), 4);
            page.overwrite(place, b"XY");
            assert_eq!(page.into_bytes(), b"abXYcd");
        }
    }
}
