//! What a transaction's signature covers.

use super::{AccessListEntry, Authorization, SignedTransaction};
use crate::rlp;
use alloc::vec::Vec;
use alloy_primitives::TxKind;

fn put_kind(out: &mut Vec<u8>, to: &TxKind) {
    rlp::put_bytes(out, to.to().map_or(&[], |address| address.as_slice()));
}

fn put_access_list(out: &mut Vec<u8>, entries: &[AccessListEntry]) {
    rlp::put_list(out, |out| {
        for entry in entries {
            rlp::put_list(out, |out| {
                rlp::put(out, entry.address);
                rlp::put_list(out, |out| entry.storage_keys.iter().for_each(|key| rlp::put(out, key)));
            });
        }
    });
}

fn put_authorizations(out: &mut Vec<u8>, authorizations: &[Authorization]) {
    rlp::put_list(out, |out| {
        for tuple in authorizations {
            rlp::put_list(out, |out| {
                rlp::put(out, tuple.chain_id);
                rlp::put(out, tuple.address);
                rlp::put(out, tuple.nonce);
                rlp::put(out, tuple.y_parity);
                rlp::put(out, tuple.r);
                rlp::put(out, tuple.s);
            });
        }
    });
}

/// What the signature covers.
pub(super) fn signing_payload(tx: &SignedTransaction) -> Vec<u8> {
    payload(tx, false)
}

/// EIP-2718 bytes of the transaction with its signature.
pub(super) fn signed_bytes(tx: &SignedTransaction) -> Vec<u8> {
    payload(tx, true)
}

/// EIP-2718 bytes under a signature whose three fields are zero.
pub(super) fn unsigned_bytes(tx: &SignedTransaction) -> Vec<u8> {
    if tx.tx_type != 0 {
        return payload(tx, true);
    }
    rlp::list(|out| {
        put_legacy_fields(out, tx);
        (0..3).for_each(|_| rlp::put(out, 0u8));
    })
}

fn payload(tx: &SignedTransaction, signed: bool) -> Vec<u8> {
    if tx.tx_type == 0 {
        return legacy_payload(tx, signed);
    }
    let mut payload = Vec::from([tx.tx_type]);
    rlp::put_list(&mut payload, |out| {
        rlp::put(out, tx.chain_id.unwrap_or_default());
        rlp::put(out, tx.nonce);
        if let Some(max_priority_fee) = tx.max_priority_fee {
            rlp::put(out, max_priority_fee);
        }
        rlp::put(out, tx.max_fee);
        rlp::put(out, tx.gas_limit);
        put_kind(out, &tx.to);
        rlp::put(out, tx.value);
        rlp::put(out, &tx.data);
        put_access_list(out, &tx.access_list);
        if tx.tx_type == 3 {
            rlp::put(out, tx.max_fee_per_blob_gas);
            rlp::put_list(out, |out| tx.blob_hashes.iter().for_each(|hash| rlp::put(out, hash)));
        }
        if tx.tx_type == 4 {
            put_authorizations(out, &tx.authorizations);
        }
        if signed {
            rlp::put(out, u8::from(tx.signature.y_parity));
            rlp::put(out, tx.signature.r);
            rlp::put(out, tx.signature.s);
        }
    });
    payload
}

fn put_legacy_fields(out: &mut Vec<u8>, tx: &SignedTransaction) {
    rlp::put(out, tx.nonce);
    rlp::put(out, tx.max_fee);
    rlp::put(out, tx.gas_limit);
    put_kind(out, &tx.to);
    rlp::put(out, tx.value);
    rlp::put(out, &tx.data);
}

fn legacy_payload(tx: &SignedTransaction, signed: bool) -> Vec<u8> {
    rlp::list(|out| {
        put_legacy_fields(out, tx);
        if signed {
            let parity = u128::from(tx.signature.y_parity);
            rlp::put(out, tx.chain_id.map_or(27, |chain_id| 35 + 2 * u128::from(chain_id)) + parity);
            rlp::put(out, tx.signature.r);
            rlp::put(out, tx.signature.s);
        } else if let Some(chain_id) = tx.chain_id {
            rlp::put(out, chain_id);
            rlp::put(out, 0u8);
            rlp::put(out, 0u8);
        }
    })
}

/// EIP-7702: 0x05 and the tuple without its signature.
pub(super) fn authorization_payload(tuple: &Authorization) -> Vec<u8> {
    let mut payload = Vec::from([0x05]);
    rlp::put_list(&mut payload, |out| {
        rlp::put(out, tuple.chain_id);
        rlp::put(out, tuple.address);
        rlp::put(out, tuple.nonce);
    });
    payload
}
