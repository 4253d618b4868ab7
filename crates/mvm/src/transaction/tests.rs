use super::*;
use alloy_primitives::{address, hex};

/// The example of EIP-155.
const EIP_155: &[u8] = &hex!(
    "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
);

#[test]
fn the_sender_of_the_eip_155_example_is_recovered() {
    let tx = SignedTransaction::decode(EIP_155).unwrap();
    assert_eq!(tx.chain_id, Some(1));
    assert_eq!(tx.sender().unwrap(), address!("9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"));
}

#[test]
fn a_signature_with_s_in_the_upper_half_has_no_sender() {
    let mut tx = SignedTransaction::decode(EIP_155).unwrap();
    tx.signature.s = U256::MAX >> 1;
    assert_eq!(tx.sender().unwrap_err().code, "invalid-signature");
}

#[test]
fn truncated_and_changed_bytes_are_refused_or_decode_to_something_else() {
    let original = SignedTransaction::decode(EIP_155).unwrap();
    for length in 0..EIP_155.len() {
        assert!(SignedTransaction::decode(&EIP_155[..length]).is_err());
    }
    for index in 0..EIP_155.len() {
        for bit in 0..8 {
            let mut changed = EIP_155.to_vec();
            changed[index] ^= 1 << bit;
            if let Ok(decoded) = SignedTransaction::decode(&changed) {
                assert_ne!(decoded, original);
            }
        }
    }
}

#[test]
fn unknown_types_are_named() {
    assert_eq!(SignedTransaction::decode(&[5, 0xc0]).unwrap_err().code, "unsupported-type");
    assert_eq!(SignedTransaction::decode(&[]).unwrap_err().code, "malformed-transaction");
}
