//! Whether a transaction can be valid in any state.

use super::Reason;
use crate::transaction::SignedTransaction;
use revm::{
    context_interface::cfg::gas::calculate_initial_tx_gas,
    primitives::{eip3860::MAX_INITCODE_SIZE, eip7825::TX_GAS_LIMIT_CAP, hardfork::SpecId},
};

/// Checks what needs no state (derivation.md, rule 4).
pub(super) fn check(tx: &SignedTransaction) -> Result<(), Reason> {
    let fees = tx.max_priority_fee.is_none_or(|priority| priority <= tx.max_fee);
    let initcode = !tx.to.is_create() || tx.data.len() <= MAX_INITCODE_SIZE;
    let authorized = tx.tx_type != 4 || !tx.authorizations.is_empty();
    // EIP-2681: an account's nonce never reaches 2^64 - 1.
    let nonce = tx.nonce < u64::MAX;
    if fees && initcode && authorized && nonce && gas(tx) && tx.sender().is_ok() {
        Ok(())
    } else {
        Err(Reason::Transaction)
    }
}

/// EIP-7825's cap above, intrinsic gas and EIP-7623's floor below.
fn gas(tx: &SignedTransaction) -> bool {
    let keys: usize = tx.access_list.iter().map(|entry| entry.storage_keys.len()).sum();
    let least = calculate_initial_tx_gas(
        SpecId::OSAKA,
        &tx.data,
        tx.to.is_create(),
        tx.access_list.len() as u64,
        keys as u64,
        tx.authorizations.len() as u64,
        None,
    );
    (least.initial_total_gas().max(least.floor_gas)..=TX_GAS_LIMIT_CAP).contains(&tx.gas_limit)
}
