//! EIP-2718 decoding.

use super::{AccessListEntry, Authorization, Signature, SignedTransaction};
use crate::{error::Fault, rlp::Reader};
use alloc::vec::Vec;
use alloy_primitives::{TxKind, U256};

pub(super) fn decode(bytes: &[u8]) -> Result<SignedTransaction, Fault> {
    let decoded = match bytes.first() {
        Some(0xc0..) => legacy(bytes),
        Some(tx_type @ 1..=4) => typed(*tx_type, &bytes[1..]),
        Some(_) => return Err(Fault::new("unsupported-type", "the transaction type is not one of 0 to 4")),
        None => return Err(Fault::new("malformed-transaction", "no bytes")),
    };
    decoded.map_err(|fault| Fault::new("malformed-transaction", fault.message))
}

fn kind(items: &mut Reader<'_>) -> Result<TxKind, Fault> {
    Ok(items.optional_address()?.map_or(TxKind::Create, TxKind::Call))
}

fn legacy(bytes: &[u8]) -> Result<SignedTransaction, Fault> {
    let mut items = Reader::list_of(bytes)?;
    let nonce = items.u64()?;
    let max_fee = items.u256()?;
    let gas_limit = items.u64()?;
    let to = kind(&mut items)?;
    let value = items.u256()?;
    let data = items.owned()?;
    let v = items.u256()?;
    let (r, s) = (items.u256()?, items.u256()?);
    items.end()?;
    let (chain_id, y_parity) = split_v(v)?;
    Ok(SignedTransaction {
        tx_type: 0,
        chain_id,
        nonce,
        max_fee,
        max_priority_fee: None,
        gas_limit,
        to,
        value,
        data,
        access_list: Vec::new(),
        max_fee_per_blob_gas: U256::ZERO,
        blob_hashes: Vec::new(),
        authorizations: Vec::new(),
        signature: Signature { y_parity, r, s },
    })
}

/// EIP-155: v is 27 or 28, or 35 + 2 x chain id + parity.
fn split_v(v: U256) -> Result<(Option<u64>, bool), Fault> {
    let v = u128::try_from(v).map_err(|_| Fault::new("malformed-rlp", "v above 128 bits"))?;
    match v {
        27 | 28 => Ok((None, v == 28)),
        35.. => {
            let chain_id =
                u64::try_from((v - 35) / 2).map_err(|_| Fault::new("malformed-rlp", "a chain id above 64 bits"))?;
            Ok((Some(chain_id), v % 2 == 0))
        }
        _ => Err(Fault::new("malformed-rlp", "v is neither 27, 28 nor an EIP-155 value")),
    }
}

fn typed(tx_type: u8, payload: &[u8]) -> Result<SignedTransaction, Fault> {
    let mut items = Reader::list_of(payload)?;
    let chain_id = Some(items.u64()?);
    let nonce = items.u64()?;
    let max_priority_fee = if tx_type == 1 { None } else { Some(items.u256()?) };
    let max_fee = items.u256()?;
    let gas_limit = items.u64()?;
    // Types 3 and 4 cannot create; a missing target is left to validation, which names the rule.
    let to = kind(&mut items)?;
    let value = items.u256()?;
    let data = items.owned()?;
    let access_list = access_list(items.list()?)?;
    let (mut max_fee_per_blob_gas, mut blob_hashes, mut authorizations) = (U256::ZERO, Vec::new(), Vec::new());
    if tx_type == 3 {
        max_fee_per_blob_gas = items.u256()?;
        let mut hashes = items.list()?;
        while !hashes.is_empty() {
            blob_hashes.push(hashes.b256()?);
        }
    }
    if tx_type == 4 {
        authorizations = authorization_list(items.list()?)?;
    }
    let signature = Signature { y_parity: items.flag()?, r: items.u256()?, s: items.u256()? };
    items.end()?;
    Ok(SignedTransaction {
        tx_type,
        chain_id,
        nonce,
        max_fee,
        max_priority_fee,
        gas_limit,
        to,
        value,
        data,
        access_list,
        max_fee_per_blob_gas,
        blob_hashes,
        authorizations,
        signature,
    })
}

/// Reads an EIP-2930 access list.
pub(crate) fn access_list(mut entries: Reader<'_>) -> Result<Vec<AccessListEntry>, Fault> {
    let mut list = Vec::new();
    while !entries.is_empty() {
        let mut entry = entries.list()?;
        let address = entry.address()?;
        let mut keys = entry.list()?;
        let mut storage_keys = Vec::new();
        while !keys.is_empty() {
            storage_keys.push(keys.b256()?);
        }
        entry.end()?;
        list.push(AccessListEntry { address, storage_keys });
    }
    Ok(list)
}

/// Reads an EIP-7702 authorization list.
pub(crate) fn authorization_list(mut entries: Reader<'_>) -> Result<Vec<Authorization>, Fault> {
    let mut list = Vec::new();
    while !entries.is_empty() {
        let mut entry = entries.list()?;
        list.push(Authorization {
            chain_id: entry.u256()?,
            address: entry.address()?,
            nonce: entry.u64()?,
            y_parity: entry.u8()?,
            r: entry.u256()?,
            s: entry.u256()?,
        });
        entry.end()?;
    }
    Ok(list)
}
