//! The first block.

use super::{Contents, Seal, Sealed};
use crate::{
    config::Config,
    error::Fault,
    fork::Fork,
    header::{EMPTY_OMMERS, Header},
    rlp::Reader,
    state::{AccountBody, Host, Overlay},
    trie::EMPTY_ROOT,
};
use alloy_primitives::{B64, B256, KECCAK256_EMPTY, U256, keccak256};
use revm::bytecode::Bytecode;

use super::rollup::NO_REQUESTS;

/// An item that is absent when it is the empty list.
pub(crate) fn maybe<'a, T>(
    items: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    if items.next_is_list() {
        items.list()?.end()?;
        return Ok(None);
    }
    read(items).map(Some)
}

fn read_header(mut fields: Reader<'_>, config: &Config) -> Result<Header, Fault> {
    let (timestamp, gas_limit) = (fields.u64()?, fields.u64()?);
    let base_fee = maybe(&mut fields, Reader::u64)?;
    let extra_data = fields.owned()?;
    let (coinbase, mix_hash) = (fields.address()?, fields.b256()?);
    let parent_beacon_root = maybe(&mut fields, Reader::b256)?;
    let difficulty = fields.u256()?;
    let nonce =
        B64::try_from(fields.bytes()?).map_err(|_| Fault::new("malformed-rlp", "a nonce that is not 8 bytes"))?;
    let excess_blob_gas = maybe(&mut fields, Reader::u64)?;
    let blob_gas_used = maybe(&mut fields, Reader::u64)?;
    let number = fields.u64()?;
    fields.end()?;
    let fork = config.fork_at(number, timestamp);
    let from = |start: Fork| fork >= start;
    Ok(Header {
        parent_hash: B256::ZERO,
        ommers_hash: EMPTY_OMMERS,
        coinbase,
        difficulty,
        number,
        gas_limit,
        timestamp,
        extra_data,
        mix_hash,
        nonce,
        base_fee: from(Fork::London).then(|| base_fee.unwrap_or(crate::fee::INITIAL_BASE_FEE)),
        withdrawals_root: from(Fork::Shanghai).then_some(EMPTY_ROOT),
        blob_gas_used: from(Fork::Cancun).then(|| blob_gas_used.unwrap_or_default()),
        excess_blob_gas: from(Fork::Cancun).then(|| excess_blob_gas.unwrap_or_default()),
        parent_beacon_root: from(Fork::Cancun).then(|| parent_beacon_root.unwrap_or_default()),
        requests_hash: from(Fork::Prague).then_some(NO_REQUESTS),
        ..Header::default()
    })
}

/// Builds the genesis block of `[header fields, [[address, nonce, balance, code, [[slot, value]...]]...]]`.
pub fn genesis<H: Host>(config: &Config, host: H, request: &[u8]) -> Result<Sealed, Fault> {
    let mut items = Reader::list_of(request)?;
    let header = read_header(items.list()?, config)?;
    let mut overlay = Overlay::new(host);
    let mut accounts = items.list()?;
    items.end()?;
    while !accounts.is_empty() {
        put_account(&mut overlay, accounts.list()?)?;
    }
    let contents = Contents::default();
    let Contents { transactions, receipts, .. } = &contents;
    let seal = Seal::compute(&mut overlay, header, EMPTY_ROOT, !config.chain.pure, transactions, receipts)?;
    Ok(Sealed { seal, contents })
}

fn put_account<H: Host>(overlay: &mut Overlay<H>, mut fields: Reader<'_>) -> Result<(), Fault> {
    let address = fields.address()?;
    let (nonce, balance, code) = (fields.u64()?, fields.u256()?, fields.owned()?);
    let code_hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(&code) };
    if !code.is_empty() {
        overlay.put_code(code_hash, Bytecode::new_legacy(code));
    }
    overlay.put_account(address, Some(AccountBody { nonce, balance, code_hash, storage_root: EMPTY_ROOT }))?;
    let mut slots = fields.list()?;
    fields.end()?;
    while !slots.is_empty() {
        let mut entry = slots.list()?;
        let slot = entry.b256()?;
        let value = U256::from_be_slice(entry.bytes()?.get(..).filter(|value| value.len() <= 32).unwrap_or_default());
        entry.end()?;
        overlay.put_storage(&address, slot.into(), value)?;
    }
    Ok(())
}
