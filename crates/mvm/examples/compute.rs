//! The bench's native side: runs contracts on revm as it comes and on this crate, and tells the processor time of each call.
//!
//! Lines in: `contract NAME CODE CALLDATA GAS` (hex without 0x) and `run ENGINE NAME`, ENGINE being `revm` or `kernel`.
//! A line out for each `run`: `NANOSECONDS GAS OUTPUT`, or `failed REASON`.
#![allow(missing_docs)]

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256};
use mvm::{
    error::Fault,
    evm::{Charge, Machine},
    state::{AccountBody, Host, Overlay},
    trie::{EMPTY_ROOT, NodeSource, StoredNode},
};
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use std::{collections::HashMap, io::BufRead, time::Instant};

const CALLER: Address = Address::with_last_byte(0xca);
const CONTRACT: Address = Address::with_last_byte(0xc0);
/// The last fork without a gas cap for each transaction.
const SPEC: SpecId = SpecId::PRAGUE;

struct Contract {
    code: Bytecode,
    calldata: Bytes,
    gas: u64,
}

impl Contract {
    fn transaction(&self) -> TxEnv {
        TxEnv {
            caller: CALLER,
            kind: TxKind::Call(CONTRACT),
            data: self.calldata.clone(),
            gas_limit: self.gas,
            gas_price: 0,
            ..TxEnv::default()
        }
    }
}

fn rules() -> (CfgEnv, BlockEnv) {
    let mut cfg = CfgEnv::new_with_spec(SPEC);
    cfg.tx_chain_id_check = false;
    (cfg, BlockEnv { gas_limit: u64::MAX, basefee: 0, ..BlockEnv::default() })
}

/// A world of one contract.
struct OneContract(AccountBody, Bytes);

impl NodeSource for OneContract {
    fn node(&mut self, _: &B256, _: &[u8], _: &B256) -> Result<StoredNode, Fault> {
        Err(Fault::new("missing-trie-node", "there is no trie"))
    }
}

impl Host for OneContract {
    fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault> {
        Ok((*address == CONTRACT).then_some(self.0))
    }
    fn storage(&mut self, _: &Address, _: &U256) -> Result<U256, Fault> {
        Ok(U256::ZERO)
    }
    fn code(&mut self, _: &B256) -> Result<Bytes, Fault> {
        Ok(self.1.clone())
    }
    fn block_hash(&mut self, _: u64) -> Result<B256, Fault> {
        Ok(B256::ZERO)
    }
}

/// Processor time of this thread in nanoseconds where Linux tells it, else the time that passed.
fn spent(since: Instant) -> u128 {
    let ran = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = ran.as_deref().and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.unwrap_or_else(|| since.elapsed().as_nanos())
}

/// Revm as its users build it: its own loop over its own table, state in memory.
fn on_revm(contract: &Contract) -> Result<(u128, ExecutionResult), String> {
    let (cfg, block) = rules();
    let mut state = CacheDB::new(EmptyDB::default());
    state.insert_account_info(CONTRACT, AccountInfo::from_bytecode(contract.code.clone()));
    let mut evm = Context::mainnet().with_db(state).with_cfg(cfg).with_block(block).build_mainnet();
    let start = Instant::now();
    let before = spent(start);
    let result = evm.transact(contract.transaction()).map_err(|error| format!("{error:?}"))?;
    Ok((spent(start) - before, result.result))
}

/// This crate's machine.
fn on_kernel(contract: &Contract) -> Result<(u128, ExecutionResult), String> {
    let (cfg, block) = rules();
    let code = contract.code.original_bytes();
    let body = AccountBody { code_hash: keccak256(&code), storage_root: EMPTY_ROOT, ..AccountBody::default() };
    let mut machine = Machine::new(Overlay::new(OneContract(body, code)), cfg, block);
    let start = Instant::now();
    let before = spent(start);
    let (result, _) = machine.run(contract.transaction(), Charge::Ethereum).map_err(|error| format!("{error:?}"))?;
    Ok((spent(start) - before, result))
}

fn answer(contracts: &mut HashMap<String, Contract>, line: &str) -> Result<Option<String>, String> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["contract", name, code, calldata, gas] => {
            let bytes = |text: &str| hex::decode(text).map(Bytes::from).map_err(|error| error.to_string());
            let code = Bytecode::new_legacy(bytes(code)?);
            let gas = gas.parse().map_err(|_| "the gas is no number")?;
            contracts.insert((*name).into(), Contract { code, calldata: bytes(calldata)?, gas });
            Ok(None)
        }
        ["run", engine, name] => {
            let contract = contracts.get(*name).ok_or("no such contract")?;
            let (time, result) = if *engine == "kernel" { on_kernel(contract)? } else { on_revm(contract)? };
            let ExecutionResult::Success { output, .. } = &result else { return Err(format!("{result:?}")) };
            Ok(Some(format!("{time} {} {}", result.tx_gas_used(), hex::encode(output.data()))))
        }
        _ => Err("no such command".into()),
    }
}

fn main() {
    let mut contracts = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        match answer(&mut contracts, &line) {
            Ok(Some(answer)) => println!("{answer}"),
            Ok(None) => {}
            Err(reason) => println!("failed {reason}"),
        }
    }
}
