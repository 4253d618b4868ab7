//! Whether a transaction can be valid in any state.

use super::Reason;
use crate::transaction::SignedTransaction;
use revm::primitives::{eip3860::MAX_INITCODE_SIZE, eip7825::TX_GAS_LIMIT_CAP};

/// Checks what needs no state (derivation.md, "Transactions").
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
    let least = tx.intrinsic_gas();
    (least.initial_total_gas().max(least.floor_gas)..=TX_GAS_LIMIT_CAP).contains(&tx.gas_limit)
}
