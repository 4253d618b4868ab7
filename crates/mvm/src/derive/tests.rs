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
