//! Questions answered without execution: proofs, fees, senders.

use crate::{
    config::Config,
    error::Fault,
    fee::{DataFee, FastLz, L1Prices},
    header::Header,
    rlp::{self, Reader},
    state::{Host, Overlay},
    transaction::SignedTransaction,
    trie::{StoredNode, prove},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, U256, keccak256};

/// Proof for `[header, address, [slot...]]`: `[[node...], [[value, [node...]]...]]`, slots in the order asked.
pub fn proof<H: Host>(host: &mut H, request: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut items = Reader::list_of(request)?;
    let header = Header::decode(items.bytes()?)?;
    let address = items.address()?;
    let mut slots = items.list()?;
    items.end()?;
    let (account_nodes, account) = prove(host, B256::ZERO, header.state_root, keccak256(address).as_slice())?;
    let storage_root = match &account {
        Some(account) => {
            let mut fields = Reader::list_of(account)?;
            let _ = (fields.u64()?, fields.u256()?);
            fields.b256()?
        }
        None => crate::trie::EMPTY_ROOT,
    };
    let mut entries = Vec::new();
    while !slots.is_empty() {
        let slot = slots.b256()?;
        let (nodes, value) = prove(host, keccak256(address), storage_root, keccak256(slot).as_slice())?;
        entries.push((value, nodes));
    }
    Ok(rlp::list(|out| {
        put_nodes(out, &account_nodes);
        rlp::put_list(out, |out| {
            for (value, nodes) in &entries {
                rlp::put_list(out, |out| {
                    // A trie value is itself RLP, of an integer: it goes in as it is.
                    out.extend_from_slice(value.as_deref().unwrap_or(&[0x80]));
                    put_nodes(out, nodes);
                });
            }
        });
    }))
}

fn put_nodes(out: &mut Vec<u8>, nodes: &[StoredNode]) {
    rlp::put_list(out, |out| nodes.iter().for_each(|node| rlp::put_bytes(out, node)));
}

/// Data fee of `[header, transaction]` at that block's state, METIS wei.
pub fn l1_fee<H: Host>(config: &Config, host: H, request: &[u8]) -> Result<U256, Fault> {
    let mut items = Reader::list_of(request)?;
    let (_, transaction) = (items.bytes()?, items.bytes()?);
    items.end()?;
    let prices = L1Prices::read(&mut Overlay::new(host))?;
    Ok(DataFee::of(transaction, &mut FastLz::default(), &prices, &config.chain).fee)
}

/// Senders of a list of transactions, in order; empty where there is none.
pub fn recover_senders(request: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut items = Reader::list_of(request)?;
    let mut senders = Vec::new();
    while !items.is_empty() {
        senders.push(SignedTransaction::decode(items.bytes()?).and_then(|tx| tx.sender()).ok());
    }
    Ok(rlp::list(|out| {
        for sender in senders {
            rlp::put_bytes(out, sender.as_ref().map_or(&[], |address| address.as_slice()));
        }
    }))
}
