//! A payload in blobs: 31 bytes in each field element.

use super::Reason;
use alloc::vec::Vec;

const ELEMENT: usize = 32;
/// Bytes of a blob.
pub(super) const BLOB: usize = 4096 * ELEMENT;
/// Payload bytes a blob holds.
const CAPACITY: usize = 4096 * (ELEMENT - 1);

/// Takes a payload of `size` bytes out of `blobs`.
pub(super) fn unpack(blobs: &[&[u8]], size: usize) -> Result<Vec<u8>, Reason> {
    if size == 0 || blobs.len() != size.div_ceil(CAPACITY) {
        return Err(Reason::PayloadSize);
    }
    let mut payload = Vec::with_capacity(blobs.len() * CAPACITY);
    for blob in blobs {
        if blob.len() != BLOB {
            return Err(Reason::BlobPacking);
        }
        for element in blob.chunks_exact(ELEMENT) {
            if element[0] != 0 {
                return Err(Reason::BlobPacking);
            }
            payload.extend_from_slice(&element[1..]);
        }
    }
    if payload[size..].iter().any(|byte| *byte != 0) {
        return Err(Reason::BlobPacking);
    }
    payload.truncate(size);
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(payload: &[u8]) -> Vec<Vec<u8>> {
        let blob_of = |part: &[u8]| {
            let mut blob = vec![0; BLOB];
            for (element, bytes) in blob.chunks_exact_mut(ELEMENT).zip(part.chunks(ELEMENT - 1)) {
                element[1..=bytes.len()].copy_from_slice(bytes);
            }
            blob
        };
        payload.chunks(CAPACITY).map(blob_of).collect()
    }

    fn views(blobs: &[Vec<u8>]) -> Vec<&[u8]> {
        blobs.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn payloads_of_every_shape_come_back() {
        for size in [1, 30, 31, 32, CAPACITY - 1, CAPACITY, CAPACITY + 1, 2 * CAPACITY] {
            let payload: Vec<u8> = (0..size).map(|i| (i % 251) as u8 + 1).collect();
            assert_eq!(unpack(&views(&pack(&payload)), size), Ok(payload));
        }
    }

    #[test]
    fn another_number_of_blobs_or_no_payload_is_refused() {
        let blobs = pack(&[1; 40]);
        assert_eq!(unpack(&views(&blobs), CAPACITY + 1), Err(Reason::PayloadSize));
        assert_eq!(unpack(&[views(&blobs)[0]; 2], 40), Err(Reason::PayloadSize));
        assert_eq!(unpack(&[], 0), Err(Reason::PayloadSize));
        assert_eq!(unpack(&views(&blobs), 0), Err(Reason::PayloadSize));
    }

    #[test]
    fn high_bytes_and_bytes_beyond_the_size_are_refused() {
        for position in [0, 32, BLOB - 32, 42, BLOB - 1] {
            let mut blobs = pack(&[1; 40]);
            blobs[0][position] = 1;
            assert_eq!(unpack(&views(&blobs), 40), Err(Reason::BlobPacking), "{position}");
        }
        assert_eq!(unpack(&[&[0; 31]], 31), Err(Reason::BlobPacking));
    }
}
