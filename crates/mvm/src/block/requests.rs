//! Execution requests (EIP-7685): deposits (EIP-6110), withdrawals (EIP-7002), consolidations (EIP-7251).

use super::Block;
use crate::{
    error::Fault,
    predeploys::{CONSOLIDATION_REQUESTS, DEPOSIT_CONTRACT, WITHDRAWAL_REQUESTS},
    state::Host,
};
use alloc::{format, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Log, b256};
use revm::precompile::interface::crypto;

/// keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)").
const DEPOSIT_EVENT: B256 = b256!("649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");
const DEPOSIT_EVENT_SIZE: usize = 576;
/// Place of each field's length word in the event's data, and the length it must have.
const DEPOSIT_FIELDS: [(usize, usize); 5] = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];

/// Hash of the block's requests, in the order of their types.
pub(super) fn collect<H: Host>(block: &mut Block<H>) -> Result<B256, Fault> {
    let contract = block.config.pure.deposit_contract.unwrap_or(DEPOSIT_CONTRACT);
    let mut deposits = Vec::new();
    for receipt in &block.receipts {
        for log in receipt.logs.iter().filter(|log| is_deposit(log, contract)) {
            append_deposit(&mut deposits, &log.data.data)?;
        }
    }
    let withdrawals = system_requests(block, WITHDRAWAL_REQUESTS)?;
    let consolidations = system_requests(block, CONSOLIDATION_REQUESTS)?;
    let mut hashes = Vec::new();
    for (request_type, data) in [(0, deposits), (1, withdrawals.to_vec()), (2, consolidations.to_vec())] {
        if !data.is_empty() {
            hashes.extend_from_slice(&crypto().sha256(&[&[request_type], data.as_slice()].concat()));
        }
    }
    Ok(crypto().sha256(&hashes).into())
}

fn is_deposit(log: &Log, contract: Address) -> bool {
    log.address == contract && log.topics().first() == Some(&DEPOSIT_EVENT)
}

/// Public key, credentials, amount, signature and index of an event, joined.
fn append_deposit(out: &mut Vec<u8>, data: &[u8]) -> Result<(), Fault> {
    let invalid = || Fault::new("invalid-deposit-event", "a deposit event is not laid out as EIP-6110 says");
    if data.len() != DEPOSIT_EVENT_SIZE {
        return Err(invalid());
    }
    let word = |at: usize| {
        data[at..at + 24]
            .iter()
            .all(|byte| *byte == 0)
            .then(|| data[at + 24..at + 32].iter().fold(0usize, |value, byte| value << 8 | usize::from(*byte)))
    };
    for (index, (place, length)) in DEPOSIT_FIELDS.into_iter().enumerate() {
        if word(index * 32) != Some(place) || word(place) != Some(length) {
            return Err(invalid());
        }
        out.extend_from_slice(&data[place + 32..place + 32 + length]);
    }
    Ok(())
}

fn system_requests<H: Host>(block: &mut Block<H>, contract: Address) -> Result<Bytes, Fault> {
    let account = block.machine.overlay().account(&contract)?;
    if account.is_none_or(|body| body.code_hash == KECCAK256_EMPTY) {
        return Err(Fault::new("system-contract-empty", format!("{contract} has no code")));
    }
    let result = block.machine.system_call(contract, Bytes::new())?;
    if !result.is_success() {
        return Err(Fault::new("system-contract-failed", format!("the call to {contract} failed")));
    }
    Ok(result.into_output().unwrap_or_default())
}
