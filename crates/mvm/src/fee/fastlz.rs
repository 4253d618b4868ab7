//! Length of FastLZ level-1 compression, as Solady's LibZip computes it (MIT, after Ariya Hidayat's FastLZ).

use alloc::boxed::Box;

const TABLE_BITS: u32 = 13;
const MAX_DISTANCE: usize = 8192;
const MAX_LITERALS: usize = 32;
const MAX_MATCH: usize = 262;

fn hash(word: u32) -> usize {
    (word.wrapping_mul(2_654_435_769) >> (32 - TABLE_BITS)) as usize
}

fn word24(bytes: &[u8], at: usize) -> u32 {
    u32::from(bytes[at]) | u32::from(bytes[at + 1]) << 8 | u32::from(bytes[at + 2]) << 16
}

/// Bytes that a run of literals takes: one length byte for each 32 begun.
const fn literals(count: usize) -> usize {
    count + count.div_ceil(MAX_LITERALS)
}

const fn matched(length: usize) -> usize {
    let length = length - 1;
    let full = 3 * (length / MAX_MATCH);
    full + if length % MAX_MATCH >= 6 { 3 } else { 2 }
}

/// A compressor that only counts. One serves for many inputs, each compressed by itself: its table need not be cleared in between.
#[derive(Clone, Debug)]
pub struct FastLz {
    /// Where three bytes with this hash stood last, counted over all inputs.
    table: Box<[u32; 1 << TABLE_BITS]>,
    /// Where the next input begins.
    start: u32,
}

impl Default for FastLz {
    fn default() -> Self {
        Self { table: Box::new([0; 1 << TABLE_BITS]), start: 0 }
    }
}

impl FastLz {
    /// Compressed size of `bytes` in bytes.
    pub fn size(&mut self, bytes: &[u8]) -> u64 {
        let end = u32::try_from(bytes.len()).ok().and_then(|length| self.start.checked_add(length));
        if end.is_none() {
            *self = Self::default();
        }
        let size = self.compress(bytes);
        self.start += bytes.len() as u32;
        size
    }

    /// Where three bytes with the hash of `word` stood last in this input, else its beginning; from now on at `position`.
    fn replace(&mut self, word: u32, position: usize) -> usize {
        let last = core::mem::replace(&mut self.table[hash(word)], self.start + position as u32);
        last.saturating_sub(self.start) as usize
    }

    fn compress(&mut self, bytes: &[u8]) -> u64 {
        let limit = bytes.len().saturating_sub(13);
        let (mut position, mut anchor, mut size) = (2, 0, 0);
        while position < limit {
            let (mut reference, mut distance);
            loop {
                let word = word24(bytes, position);
                reference = self.replace(word, position);
                distance = position - reference;
                if position >= limit {
                    break;
                }
                position += 1;
                if distance < MAX_DISTANCE && word == word24(bytes, reference) {
                    break;
                }
            }
            if position >= limit {
                break;
            }
            position -= 1;
            if position > anchor {
                size += literals(position - anchor);
            }
            let length = match_length(bytes, reference + 3, position + 3, limit + 9);
            size += matched(length);
            position += length;
            for _ in 0..2 {
                self.replace(word24(bytes, position), position);
                position += 1;
            }
            anchor = position;
        }
        (size + literals(bytes.len() - anchor)) as u64
    }
}

/// Length of the match that the first three bytes began, less two, as FastLZ counts it.
fn match_length(bytes: &[u8], mut reference: usize, mut position: usize, bound: usize) -> usize {
    let start = position;
    while position < bound {
        let equal = bytes[reference] == bytes[position];
        reference += 1;
        position += 1;
        if !equal {
            break;
        }
    }
    position - start
}
