//! Reads the primitives of payload.md from inflated content.

use super::Reason;
use alloy_primitives::{Address, B256, U256};

/// Reads forward only; every failure is [`Reason::Encoding`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(content: &'a [u8]) -> Self {
        Self { rest: content }
    }

    /// Bytes not read yet.
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn end(self) -> Result<(), Reason> {
        if self.rest.is_empty() { Ok(()) } else { Err(Reason::Encoding) }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Reason> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Reason::Encoding)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Reason> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// Minimal unsigned LEB128 of at most 64 bits.
    pub(super) fn varint(&mut self) -> Result<u64, Reason> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7f);
            if group << shift >> shift != group || (byte == 0 && shift > 0) {
                return Err(Reason::Encoding);
            }
            value |= group << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Reason::Encoding)
    }

    /// A varint that counts things of at least `size` bytes each still to come.
    pub(super) fn count(&mut self, size: usize) -> Result<usize, Reason> {
        let count = usize::try_from(self.varint()?).map_err(|_| Reason::Encoding)?;
        match count.checked_mul(size) {
            Some(needed) if needed <= self.left() => Ok(count),
            _ => Err(Reason::Encoding),
        }
    }

    /// Length byte and minimal big-endian bytes, at most `max_length`.
    pub(super) fn uint(&mut self, max_length: u8) -> Result<U256, Reason> {
        let length = self.byte()?;
        if length > max_length {
            return Err(Reason::Encoding);
        }
        let bytes = self.take(usize::from(length))?;
        if bytes.first() == Some(&0) { Err(Reason::Encoding) } else { Ok(U256::from_be_slice(bytes)) }
    }

    pub(super) fn b256(&mut self) -> Result<B256, Reason> {
        self.take(32).map(B256::from_slice)
    }

    pub(super) fn address(&mut self) -> Result<Address, Reason> {
        self.take(20).map(Address::from_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_have_one_form() {
        for (bytes, value) in [(&[0u8][..], 0), (&[0x7f], 127), (&[0x80, 1], 128), (&[0xff; 9], 0)] {
            let mut all = bytes.to_vec();
            let expected = if all.len() == 9 {
                all.push(1);
                u64::MAX
            } else {
                value
            };
            let mut cursor = Cursor::new(&all);
            assert_eq!(cursor.varint(), Ok(expected));
            assert_eq!(cursor.left(), 0);
        }
    }

    #[test]
    fn padded_overlong_and_cut_varints_are_refused() {
        let mut too_large = vec![0xff; 9];
        too_large.push(2);
        for bytes in [&[0x80u8, 0][..], &[0xff, 0x80, 0], &[0x80], &[], &too_large, &[0x80; 10]] {
            assert_eq!(Cursor::new(bytes).varint(), Err(Reason::Encoding), "{bytes:?}");
        }
    }

    #[test]
    fn a_count_beyond_what_is_left_is_refused_before_anything_is_allocated() {
        let mut huge = vec![0xff; 9];
        huge.push(1);
        huge.extend([0; 64]);
        assert_eq!(Cursor::new(&huge).count(32), Err(Reason::Encoding));
        assert_eq!(Cursor::new(&[2, 0, 0]).count(1), Ok(2));
        assert_eq!(Cursor::new(&[3, 0, 0]).count(1), Err(Reason::Encoding));
    }

    #[test]
    fn uints_are_minimal_and_bounded() {
        assert_eq!(Cursor::new(&[0]).uint(32), Ok(U256::ZERO));
        assert_eq!(Cursor::new(&[2, 1, 0]).uint(32), Ok(U256::from(256)));
        for bytes in [&[1u8, 0][..], &[2, 0, 1], &[33], &[2, 1]] {
            assert_eq!(Cursor::new(bytes).uint(32), Err(Reason::Encoding));
        }
    }
}
