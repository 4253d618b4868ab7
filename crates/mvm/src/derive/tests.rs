//! The requests that TypeScript made, with the answers of the committed kernel: native code gives the same.

use super::*;
use alloy_primitives::Bytes;
use serde_json::Value;

fn vectors() -> Vec<(String, Bytes, Bytes)> {
    let path = format!("{}/../../docs/spec/vectors/derivation.json", env!("CARGO_MANIFEST_DIR"));
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |vector: &Value, field: &str| vector[field].as_str().unwrap().to_owned();
    all.iter()
        .map(|vector| {
            (text(vector, "name"), text(vector, "input").parse().unwrap(), text(vector, "output").parse().unwrap())
        })
        .collect()
}

#[test]
fn requests_derive_as_their_vectors_say() {
    let vectors = vectors();
    assert!(vectors.len() > 50);
    for (name, request, answer) in vectors {
        assert_eq!(derive_encoded(&request).unwrap(), answer, "{name}");
    }
}

#[test]
fn a_cut_or_changed_request_is_refused_or_derives_but_never_panics() {
    for (name, request, _) in vectors().iter().take(3) {
        for length in (0..request.len()).step_by(7) {
            assert!(derive_encoded(&request[..length]).is_err(), "{name} cut to {length}");
        }
        for position in (0..request.len()).step_by(3) {
            let mut changed = request.to_vec();
            changed[position] ^= 0x81;
            let _ = derive_encoded(&changed);
        }
    }
}

#[test]
fn the_last_block_alone_ends_the_batch() {
    for (name, request, _) in vectors() {
        let derived = derive(&Request::decode(&request).unwrap()).unwrap();
        let (last, before) = derived.blocks.split_last().unwrap();
        assert_eq!(last.flags & 1, 1, "{name}");
        assert!(before.iter().all(|block| block.flags & 1 == 0), "{name}");
    }
}

#[test]
fn fields_that_a_later_fork_appends_to_l1_headers_change_nothing() {
    let vectors = vectors();
    let (_, request, answer) = &vectors[0];
    let header = Request::decode(request).unwrap();
    assert_eq!(header.anchors.len(), 3);
    let mut appended = rlp::Reader::list_of(request).unwrap();
    for _ in 0..6 {
        appended.raw().unwrap();
    }
    let mut headers = appended.list().unwrap();
    let first = headers.bytes().unwrap();
    let longer = rlp::list(|out| {
        let mut fields = rlp::Reader::list_of(first).unwrap();
        while !fields.is_empty() {
            out.extend_from_slice(fields.raw().unwrap());
        }
        rlp::put(out, B256::ZERO);
    });
    let single = rlp::list(|out| rlp::put_bytes(out, &longer));
    let anchors = request::anchors(rlp::Reader::list_of(&single).unwrap()).unwrap();
    assert_eq!((anchors[0].number, anchors[0].time), (header.anchors[0].number, header.anchors[0].time));
    assert_eq!(derive_encoded(request).unwrap(), *answer);
}

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

const TELLING: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0xff, 0x0c, 0x21];

fn mutate(content: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(content.len());
        let value = TELLING[random.below(TELLING.len())];
        match random.below(5) {
            0 if !content.is_empty() => content[at] = value,
            1 => content.insert(at, value),
            2 if !content.is_empty() => drop(content.remove(at)),
            3 => content.truncate(at),
            _ if !content.is_empty() => content[at] = random.next() as u8,
            _ => content.push(value),
        }
    }
}

/// Rounds of the test below; more of them by METIS_FUZZ_ROUNDS.
fn rounds() -> usize {
    std::env::var("METIS_FUZZ_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

#[test]
fn whatever_a_content_says_it_derives_without_a_panic() {
    let vectors = vectors();
    let good: Vec<_> = vectors.iter().filter(|(name, ..)| name.starts_with("good")).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut still_good = 0;
    for round in 0..rounds() {
        let mut request = Request::decode(&good[round % good.len()].1).unwrap();
        let Data::Payload(payload) = request.data else { continue };
        let mut content = inflate::inflate(&payload[1..], 1 << 20).unwrap();
        mutate(&mut content, &mut random);
        let mut changed = vec![1];
        changed.extend(miniz_oxide::deflate::compress_to_vec(&content, 1));
        request.header.payload_hash = alloy_primitives::keccak256(&changed);
        request.header.payload_size = changed.len() as u32;
        request.data = Data::Payload(&changed);
        let derived = derive(&request).unwrap();
        assert!(!derived.blocks.is_empty());
        still_good += usize::from(derived.reason.is_none());
    }
    assert!(still_good > 0);
}
