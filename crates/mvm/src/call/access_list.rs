//! eth_createAccessList.

use super::{Session, explain, halt_words};
use crate::{config::Config, error::Fault, evm::Charge, rlp, state::Host, transaction::AccessListEntry};
use alloc::{string::String, vec::Vec};
use alloy_primitives::{Address, B256, TxKind};
use revm::{
    context::{TxEnv, result::ExecutionResult},
    state::EvmState,
};

/// A list is final when running with it finds nothing new; this many runs at most.
const MAX_ROUNDS: usize = 16;

/// Runs the call until its access list no longer grows. Encodes `[[[address, [key...]]...], gasUsed, error]`.
pub fn create_access_list<H: Host>(config: &Config, host: H, request: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut session = Session::open(config, host, request)?;
    let gas = session.request.gas_or_most();
    let base_fee = session.machine.context().block.basefee;
    let mut list = session.request.access_list.clone().unwrap_or_default();
    let mut outcome = None;
    for _ in 0..MAX_ROUNDS {
        session.request.access_list = Some(list.clone());
        let env = session.request.to_env(gas);
        let run = session.machine.run(env.clone(), Charge::Ethereum);
        let (result, state) = run.map_err(|error| explain(error, &env, base_fee))?;
        outcome = Some(result);
        let found = accessed(&mut session, &env, state);
        if found == list {
            break;
        }
        list = found;
    }
    let result = outcome.expect("at least one round ran");
    Ok(rlp::list(|out| {
        rlp::put_list(out, |out| list.iter().for_each(|entry| put_entry(out, entry)));
        rlp::put(out, result.tx_gas_used());
        rlp::put_bytes(out, failure(&result).as_bytes());
    }))
}

fn failure(result: &ExecutionResult) -> String {
    match result {
        ExecutionResult::Success { .. } => String::new(),
        ExecutionResult::Revert { .. } => "execution reverted".into(),
        ExecutionResult::Halt { reason, .. } => halt_words(reason),
    }
}

fn put_entry(out: &mut Vec<u8>, entry: &AccessListEntry) {
    rlp::put_list(out, |out| {
        rlp::put(out, entry.address);
        rlp::put_list(out, |out| entry.storage_keys.iter().for_each(|key| rlp::put(out, key)));
    });
}

/// What the run loaded, without what is warm anyway: sender, target, coinbase and precompiles unless their storage was.
fn accessed<H: Host>(session: &mut Session<H>, env: &TxEnv, state: EvmState) -> Vec<AccessListEntry> {
    let context = session.machine.context();
    let coinbase = context.block.beneficiary;
    let target = match env.kind {
        TxKind::Call(to) => to,
        TxKind::Create => env.caller.create(env.nonce),
    };
    let precompiles = context.journaled_state.inner.warm_addresses.precompiles().clone();
    let is_warm = |address: &Address| [env.caller, target, coinbase].contains(address) || precompiles.contains(address);
    let mut list: Vec<AccessListEntry> = state
        .into_iter()
        .map(|(address, account)| {
            let mut storage_keys: Vec<B256> = account.storage.keys().map(|key| B256::from(*key)).collect();
            storage_keys.sort_unstable();
            AccessListEntry { address, storage_keys }
        })
        .filter(|entry| !entry.storage_keys.is_empty() || !is_warm(&entry.address))
        .collect();
    list.sort_unstable_by_key(|entry| entry.address);
    list
}
