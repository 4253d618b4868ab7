//! DEFLATE with the preset dictionary, bounded.

use super::Reason;
use alloc::{boxed::Box, vec::Vec};
use miniz_oxide::inflate::{
    TINFLStatus,
    core::{DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
};

/// What stands before every content as if inflated already.
pub(super) static DICTIONARY: &[u8] = include_bytes!("../../../../docs/spec/payload-dictionary.bin");

/// Room that most contents need for each compressed byte; more is allocated when it is used up.
const USUAL_RATIO: usize = 4;

/// Inflates a raw stream that must end with its last byte to at most `max_size` bytes.
///
/// Memory: twice the inflated size at most, and no more than `max_size` and the dictionary.
pub(super) fn inflate(stream: &[u8], max_size: usize) -> Result<Vec<u8>, Reason> {
    let start = DICTIONARY.len();
    // One byte more than allowed, so that a full buffer means too much.
    let end = start + max_size + 1;
    let mut out = DICTIONARY.to_vec();
    out.resize(end.min(start + stream.len().saturating_mul(USUAL_RATIO)), 0);
    let mut state = Box::<DecompressorOxide>::default();
    let (mut read, mut written) = (0, start);
    loop {
        let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, consumed, produced) = decompress(&mut state, &stream[read..], &mut out, written, flags);
        read += consumed;
        written += produced;
        match status {
            TINFLStatus::Done if read == stream.len() => break,
            TINFLStatus::HasMoreOutput if out.len() == end => return Err(Reason::BatchTooLarge),
            TINFLStatus::HasMoreOutput => out.resize(end.min(out.len().saturating_mul(2)), 0),
            _ => return Err(Reason::Deflate),
        }
    }
    if written == end {
        return Err(Reason::BatchTooLarge);
    }
    out.truncate(written);
    out.drain(..start);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{b256, keccak256};
    use miniz_oxide::deflate::compress_to_vec;

    #[test]
    fn the_dictionary_is_the_one_of_the_spec() {
        let hash = b256!("49f5d6c34e9fc2c7c03abc942d59efc1a4a2b33b7130457b4ff603fcfbebd083");
        assert_eq!(keccak256(DICTIONARY), hash);
    }

    #[test]
    fn a_stream_inflates_to_its_content_and_to_nothing_beyond_the_limit() {
        let content: Vec<u8> = (0..100_000u32).flat_map(|i| (i / 7).to_le_bytes()).collect();
        let stream = compress_to_vec(&content, 6);
        assert_eq!(inflate(&stream, content.len()).unwrap(), content);
        assert_eq!(inflate(&stream, content.len() - 1), Err(Reason::BatchTooLarge));
    }

    #[test]
    fn a_zip_bomb_stops_at_the_limit() {
        let stream = compress_to_vec(&vec![0; 200_000_000], 9);
        assert!(stream.len() < 300_000);
        assert_eq!(inflate(&stream, 737_280), Err(Reason::BatchTooLarge));
    }

    #[test]
    fn matches_reach_into_the_dictionary_and_no_further() {
        // One block of fixed codes: a match of length 3, then the block's end. Distance 1, and distance 24,577.
        let last = *DICTIONARY.last().unwrap();
        assert_eq!(inflate(&[0x03, 0x02, 0x00], 16), Ok(vec![last; 3]));
        assert_eq!(inflate(&[0x03, 0x5e, 0, 0, 0], 16), Err(Reason::Deflate));
    }

    #[test]
    fn cut_and_continued_streams_are_refused() {
        let stream = compress_to_vec(b"some content", 6);
        for length in 0..stream.len() {
            assert_eq!(inflate(&stream[..length], 100), Err(Reason::Deflate), "{length}");
        }
        assert_eq!(inflate(&[&stream[..], &[0]].concat(), 100), Err(Reason::Deflate));
    }
}
