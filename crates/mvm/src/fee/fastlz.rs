//! Length of FastLZ level-1 compression, as Solady's LibZip computes it (MIT, after Ariya Hidayat's FastLZ).

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

/// Compressed size of `bytes` in bytes.
pub fn fastlz_size(bytes: &[u8]) -> u64 {
    let mut table = [0usize; 1 << TABLE_BITS];
    let limit = bytes.len().saturating_sub(13);
    let (mut position, mut anchor, mut size) = (2, 0, 0);
    while position < limit {
        let (mut reference, mut distance);
        loop {
            let word = word24(bytes, position);
            let slot = &mut table[hash(word)];
            reference = core::mem::replace(slot, position);
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
            table[hash(word24(bytes, position))] = position;
            position += 1;
        }
        anchor = position;
    }
    (size + literals(bytes.len() - anchor)) as u64
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
