//! Keys as nibbles (one a byte) and their compact encoding in trie nodes.

use alloc::vec::Vec;

/// The nibbles of `key`, high first.
pub fn unpack(key: &[u8]) -> Vec<u8> {
    let mut nibbles = Vec::with_capacity(key.len() * 2);
    for byte in key {
        nibbles.push(byte >> 4);
        nibbles.push(byte & 0x0f);
    }
    nibbles
}

/// Hex-prefix encoding (Yellow Paper, appendix C).
pub fn encode_compact(nibbles: &[u8], leaf: bool) -> Vec<u8> {
    let flag = if leaf { 0x20 } else { 0 };
    let mut out = Vec::with_capacity(nibbles.len() / 2 + 1);
    let rest = if nibbles.len() % 2 == 1 {
        out.push(flag | 0x10 | nibbles[0]);
        &nibbles[1..]
    } else {
        out.push(flag);
        nibbles
    };
    out.extend(rest.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
    out
}

/// Nibbles and leaf flag of a hex-prefix encoding; `None` when it is not canonical.
pub fn decode_compact(compact: &[u8]) -> Option<(Vec<u8>, bool)> {
    let (first, rest) = compact.split_first()?;
    if first & 0xc0 != 0 {
        return None;
    }
    let mut nibbles = Vec::with_capacity(rest.len() * 2 + 1);
    if first & 0x10 != 0 {
        nibbles.push(first & 0x0f);
    } else if first & 0x0f != 0 {
        return None;
    }
    nibbles.extend(rest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]));
    Some((nibbles, first & 0x20 != 0))
}

/// Length of the common prefix.
pub fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}
