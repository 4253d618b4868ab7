//! Keys as nibbles and their compact encoding in trie nodes.

use alloc::vec::Vec;
use core::ops::Deref;

/// Nibbles of the longest key: 32 bytes.
const MOST: usize = 64;

/// Up to 64 nibbles, one a byte: a key, a part of one, or the path to a node.
#[derive(Clone, Copy, Debug)]
pub struct Nibbles {
    length: u8,
    nibbles: [u8; MOST],
}

impl Nibbles {
    /// None.
    pub const EMPTY: Self = Self { length: 0, nibbles: [0; MOST] };

    /// The nibbles of `key`, high first. Panics when it is longer than 32 bytes.
    pub fn unpack(key: &[u8]) -> Self {
        let mut unpacked = Self::EMPTY;
        for (pair, byte) in unpacked.nibbles.chunks_exact_mut(2).zip(key) {
            pair.copy_from_slice(&[byte >> 4, byte & 0x0f]);
        }
        assert!(key.len() * 2 <= MOST, "a key of more than 32 bytes");
        unpacked.length = (key.len() * 2) as u8;
        unpacked
    }

    /// Appends `more`. Panics above 64 nibbles.
    pub fn extend(&mut self, more: &[u8]) {
        let start = self.len();
        self.nibbles[start..start + more.len()].copy_from_slice(more);
        self.length += more.len() as u8;
    }

    /// Appends one. Panics above 64 nibbles.
    pub fn push(&mut self, nibble: u8) {
        self.nibbles[self.len()] = nibble;
        self.length += 1;
    }

    /// Two a byte, high first, and how many bytes they take; an odd last one is followed by zero.
    pub fn packed(&self) -> ([u8; MOST / 2], usize) {
        let mut packed = [0; MOST / 2];
        for (byte, pair) in packed.iter_mut().zip(self.nibbles.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        let length = self.len().div_ceil(2);
        if self.len() % 2 == 1 {
            packed[length - 1] &= 0xf0;
        }
        (packed, length)
    }

    /// Leaves the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length as u8);
    }
}

impl Deref for Nibbles {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.nibbles[..usize::from(self.length)]
    }
}

impl From<&[u8]> for Nibbles {
    fn from(nibbles: &[u8]) -> Self {
        let mut copy = Self::EMPTY;
        copy.extend(nibbles);
        copy
    }
}

impl PartialEq for Nibbles {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Nibbles {}

impl PartialOrd for Nibbles {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Nibbles {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

/// Appends the hex-prefix encoding (Yellow Paper, appendix C) as an RLP string.
pub fn put_compact(out: &mut Vec<u8>, nibbles: &[u8], leaf: bool) {
    let flag = if leaf { 0x20 } else { 0 };
    let length = nibbles.len() / 2 + 1;
    if length > 1 {
        out.push(0x80 + length as u8);
    }
    let rest = if nibbles.len() % 2 == 1 {
        out.push(flag | 0x10 | nibbles[0]);
        &nibbles[1..]
    } else {
        out.push(flag);
        nibbles
    };
    out.extend(rest.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
}

/// Nibbles and leaf flag of a hex-prefix encoding; `None` when it is not canonical or longer than any key.
pub fn decode_compact(compact: &[u8]) -> Option<(Nibbles, bool)> {
    let (first, rest) = compact.split_first()?;
    let odd = first & 0x10 != 0;
    if first & 0xc0 != 0 || rest.len() * 2 + usize::from(odd) > MOST {
        return None;
    }
    let mut nibbles = Nibbles::EMPTY;
    if odd {
        nibbles.push(first & 0x0f);
    } else if first & 0x0f != 0 {
        return None;
    }
    let start = nibbles.len();
    for (pair, byte) in nibbles.nibbles[start..].chunks_exact_mut(2).zip(rest) {
        pair.copy_from_slice(&[byte >> 4, byte & 0x0f]);
    }
    nibbles.length += (rest.len() * 2) as u8;
    Some((nibbles, first & 0x20 != 0))
}

/// Length of the common prefix.
pub fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}
