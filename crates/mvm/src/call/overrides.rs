//! State and block overrides of a call.

use crate::{
    block::maybe,
    error::Fault,
    rlp::Reader,
    state::{Host, Overlay},
};
use alloy_primitives::{KECCAK256_EMPTY, U256, keccak256};
use revm::{bytecode::Bytecode, context::BlockEnv};

/// Applies `[[address, balance, nonce, code, replaceState, [[slot, value]...]]...]`.
pub(crate) fn apply_state<H: Host>(overlay: &mut Overlay<H>, mut entries: Reader<'_>) -> Result<(), Fault> {
    while !entries.is_empty() {
        let mut fields = entries.list()?;
        let address = fields.address()?;
        let mut body = overlay.account(&address)?.unwrap_or_default();
        body.balance = maybe(&mut fields, Reader::u256)?.unwrap_or(body.balance);
        body.nonce = maybe(&mut fields, Reader::u64)?.unwrap_or(body.nonce);
        if let Some(code) = maybe(&mut fields, Reader::owned)? {
            body.code_hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(&code) };
            if !code.is_empty() {
                let decoded = Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code));
                overlay.put_code(body.code_hash, decoded);
            }
        }
        overlay.put_account(address, Some(body))?;
        if fields.flag()? {
            let update = overlay.update(&address)?;
            update.wiped = true;
            update.written.clear();
        }
        let mut slots = fields.list()?;
        fields.end()?;
        while !slots.is_empty() {
            let mut entry = slots.list()?;
            let (slot, value) = (entry.b256()?, entry.bytes()?);
            entry.end()?;
            if value.len() > 32 {
                return Err(Fault::new("malformed-rlp", "a storage value above 32 bytes"));
            }
            overlay.put_storage(&address, slot.into(), U256::from_be_slice(value))?;
        }
    }
    Ok(())
}

/// Applies `[number, time, gasLimit, coinbase, baseFee, prevRandao]`.
pub(super) fn apply_block(block: &mut BlockEnv, mut fields: Reader<'_>) -> Result<(), Fault> {
    block.number = maybe(&mut fields, Reader::u256)?.unwrap_or(block.number);
    block.timestamp = maybe(&mut fields, Reader::u256)?.unwrap_or(block.timestamp);
    block.gas_limit = maybe(&mut fields, Reader::u64)?.unwrap_or(block.gas_limit);
    block.beneficiary = maybe(&mut fields, Reader::address)?.unwrap_or(block.beneficiary);
    block.basefee = maybe(&mut fields, Reader::u64)?.unwrap_or(block.basefee);
    block.prevrandao = maybe(&mut fields, Reader::b256)?.or(block.prevrandao);
    fields.end()
}
