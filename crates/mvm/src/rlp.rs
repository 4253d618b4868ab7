//! Strict RLP: a reader that refuses anything not canonical, and a writer for lists.

use crate::error::Fault;
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{Encodable, Header};
use core::ops::Deref;

/// Reads the items of one RLP list in order. Every getter fails on a wrong kind, size or leading zero.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

fn malformed(_: alloy_rlp::Error) -> Fault {
    Fault::new("malformed-rlp", "not canonical RLP, or an item of the wrong kind")
}

impl<'a> Reader<'a> {
    /// Opens `bytes` as one list with nothing after it.
    pub fn list_of(mut bytes: &'a [u8]) -> Result<Self, Fault> {
        let reader = Self { rest: Header::decode_bytes(&mut bytes, true).map_err(malformed)? };
        if bytes.is_empty() { Ok(reader) } else { Err(Fault::new("malformed-rlp", "bytes after the list")) }
    }

    /// True when all items were read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Fails unless all items were read.
    pub fn end(self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::new("malformed-rlp", "too many items in a list")) }
    }

    /// Next item, a list.
    pub fn list(&mut self) -> Result<Reader<'a>, Fault> {
        Header::decode_bytes(&mut self.rest, true).map(|rest| Reader { rest }).map_err(malformed)
    }

    /// Next item, a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        Header::decode_bytes(&mut self.rest, false).map_err(malformed)
    }

    /// Next item, whatever it is, with its own header: its encoding as it stands.
    pub fn raw(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.rest;
        let header = Header::decode(&mut self.rest).map_err(malformed)?;
        let payload = start.len() - self.rest.len();
        let length = payload + header.payload_length;
        let item = start.get(..length).ok_or_else(|| Fault::new("malformed-rlp", "an item longer than its list"))?;
        self.rest = &start[length..];
        Ok(item)
    }

    /// True when the next item is a list.
    pub fn next_is_list(&self) -> bool {
        self.rest.first().is_some_and(|first| *first >= 0xc0)
    }

    /// Next item, an integer of at most 256 bits without leading zeros.
    pub fn u256(&mut self) -> Result<U256, Fault> {
        let bytes = self.bytes()?;
        if bytes.len() > 32 || bytes.first() == Some(&0) {
            return Err(Fault::new("malformed-rlp", "an integer too long or with a leading zero"));
        }
        Ok(U256::from_be_slice(bytes))
    }

    /// Next item, an integer below 2^64.
    pub fn u64(&mut self) -> Result<u64, Fault> {
        u64::try_from(self.u256()?).map_err(|_| Fault::new("malformed-rlp", "an integer above 64 bits"))
    }

    /// Next item, an integer below 256.
    pub fn u8(&mut self) -> Result<u8, Fault> {
        u8::try_from(self.u256()?).map_err(|_| Fault::new("malformed-rlp", "an integer above 8 bits"))
    }

    /// Next item, 0 or 1.
    pub fn flag(&mut self) -> Result<bool, Fault> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::new("malformed-rlp", "a flag other than 0 or 1")),
        }
    }

    /// Next item, exactly 32 bytes.
    pub fn b256(&mut self) -> Result<B256, Fault> {
        B256::try_from(self.bytes()?).map_err(|_| Fault::new("malformed-rlp", "not 32 bytes"))
    }

    /// Next item, exactly 20 bytes.
    pub fn address(&mut self) -> Result<Address, Fault> {
        Address::try_from(self.bytes()?).map_err(|_| Fault::new("malformed-rlp", "not 20 bytes"))
    }

    /// Next item, 20 bytes or none.
    pub fn optional_address(&mut self) -> Result<Option<Address>, Fault> {
        match self.bytes()? {
            [] => Ok(None),
            bytes => {
                Address::try_from(bytes).map(Some).map_err(|_| Fault::new("malformed-rlp", "neither 20 bytes nor none"))
            }
        }
    }

    /// Next item, bytes copied.
    pub fn owned(&mut self) -> Result<Bytes, Fault> {
        self.bytes().map(Bytes::copy_from_slice)
    }
}

/// Encodes one list; `write` appends its items.
pub fn list(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    put_list(&mut out, write);
    out
}

/// Appends a list to `out`; `write` appends its items.
pub fn put_list(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    put_list_of(out, 0, write);
}

/// As `put_list`, for items that take about `expected` bytes: they move only when that means a head of another length.
pub fn put_list_of(out: &mut Vec<u8>, expected: usize, write: impl FnOnce(&mut Vec<u8>)) {
    put_item(out, LIST, expected, write);
}

/// Appends a byte string, which is not a single byte; `write` appends its bytes, about `expected`.
pub fn put_string_of(out: &mut Vec<u8>, expected: usize, write: impl FnOnce(&mut Vec<u8>)) {
    put_item(out, STRING, expected, write);
}

fn put_item(out: &mut Vec<u8>, kind: u8, expected: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    let room = head_length(expected);
    out.resize(start + room, 0);
    write(out);
    let end = out.len();
    let length = end - start - room;
    let head = Head::of(kind, length);
    if head.len() != room {
        out.resize(end.max(start + head.len() + length), 0);
        out.copy_within(start + room..end, start + head.len());
        out.truncate(start + head.len() + length);
    }
    out[start..start + head.len()].copy_from_slice(&head);
}

/// First byte of a short string and of a short list, without their lengths.
const STRING: u8 = 0x80;
const LIST: u8 = 0xc0;

/// Bytes of the head of a string or list of `length` bytes.
const fn head_length(length: usize) -> usize {
    if length < 56 { 1 } else { 1 + (usize::BITS - length.leading_zeros()).div_ceil(8) as usize }
}

/// Head of a string or list.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    bytes: [u8; 1 + size_of::<usize>()],
    length: usize,
}

impl Head {
    fn of(kind: u8, length: usize) -> Self {
        let mut head = Self { bytes: [0; 1 + size_of::<usize>()], length: head_length(length) };
        if length < 56 {
            head.bytes[0] = kind + length as u8;
        } else {
            let digits = head.length - 1;
            head.bytes[0] = kind + 55 + digits as u8;
            head.bytes[1..=digits].copy_from_slice(&length.to_be_bytes()[size_of::<usize>() - digits..]);
        }
        head
    }
}

impl Deref for Head {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The head of a list whose items take `length` bytes.
pub fn list_head(length: usize) -> Head {
    Head::of(LIST, length)
}

/// Appends `item`.
pub fn put(out: &mut Vec<u8>, item: impl Encodable) {
    item.encode(out);
}

/// Appends a byte string.
#[inline]
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes {
        [byte] if *byte < STRING => {}
        _ if bytes.len() < 56 => out.push(STRING + bytes.len() as u8),
        _ => out.extend_from_slice(&Head::of(STRING, bytes.len())),
    }
    out.extend_from_slice(bytes);
}

/// Appends an integer.
pub fn put_integer(out: &mut Vec<u8>, integer: &U256) {
    put_bytes(out, trimmed(&integer.to_be_bytes::<32>()));
}

/// Without leading zeros.
pub fn trimmed(word: &[u8; 32]) -> &[u8] {
    &word[word.iter().take_while(|byte| **byte == 0).count()..]
}
