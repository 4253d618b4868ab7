//! Deposits and system transactions: type 0x7E (docs/spec/structs.md, "Deposit").

use super::Block;
use crate::{
    error::Fault,
    evm::{Charge, is_refusal},
    receipt::ReceiptExtra,
    rlp,
    state::Host,
    transaction::DEPOSIT_TYPE,
    types::{Deposit, system_source_hash},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use revm::context::{
    TxEnv,
    result::{ExecutionResult, ResultGas},
};

/// A transaction of type 0x7E.
pub(super) struct SystemTransaction {
    pub source_hash: B256,
    pub from: Address,
    pub to: TxKind,
    pub mint: U256,
    pub value: U256,
    pub gas: u64,
    pub data: Bytes,
}

impl SystemTransaction {
    /// What a deposit becomes on L2.
    fn of(deposit: &Deposit) -> Self {
        Self {
            source_hash: deposit.source_hash(),
            from: deposit.from,
            to: if deposit.is_creation { TxKind::Create } else { TxKind::Call(deposit.to) },
            mint: deposit.mint,
            value: deposit.value,
            gas: deposit.gas_limit,
            data: deposit.data.clone(),
        }
    }

    /// The one that writes L1Block in L2 block `number`.
    pub fn anchor(number: u64, gas: u64, data: Vec<u8>) -> Self {
        Self {
            source_hash: system_source_hash(number),
            from: crate::predeploys::DEPOSITOR,
            to: TxKind::Call(crate::predeploys::L1_BLOCK),
            mint: U256::ZERO,
            value: U256::ZERO,
            gas,
            data: data.into(),
        }
    }

    fn encode(&self) -> Bytes {
        let mut out = Vec::from([DEPOSIT_TYPE]);
        rlp::put_list(&mut out, |out| {
            rlp::put(out, self.source_hash);
            rlp::put(out, self.from);
            rlp::put_bytes(out, self.to.to().map_or(&[], |to| to.as_slice()));
            rlp::put(out, self.mint);
            rlp::put(out, self.value);
            rlp::put(out, self.gas);
            rlp::put(out, false);
            rlp::put(out, &self.data);
        });
        out.into()
    }
}

impl<H: Host> Block<H> {
    /// Runs one deposit; it cannot make the block invalid.
    pub(super) fn run_deposit(&mut self, deposit: &Deposit) -> Result<(), Fault> {
        self.run_system(&SystemTransaction::of(deposit), true).map(|_| ())
    }

    /// Runs a transaction of type 0x7E. `counted`: its gas counts in the block. Returns success.
    pub(super) fn run_system(&mut self, tx: &SystemTransaction, counted: bool) -> Result<bool, Fault> {
        let overlay = self.machine.overlay();
        overlay.credit(&tx.from, tx.mint, false)?;
        let nonce = overlay.account(&tx.from)?.unwrap_or_default().nonce;
        let env = TxEnv {
            tx_type: DEPOSIT_TYPE,
            caller: tx.from,
            gas_limit: tx.gas,
            gas_price: 0,
            kind: tx.to,
            value: tx.value,
            data: tx.data.clone(),
            nonce,
            chain_id: None,
            ..TxEnv::default()
        };
        // EIP-7825 bounds what users sign; deposits are bounded by depositGasLimit.
        let cap = self.machine.context().cfg.tx_gas_limit_cap.replace(u64::MAX);
        let result = self.machine.run_and_apply(env, Charge::Nothing);
        self.machine.context().cfg.tx_gas_limit_cap = cap;
        let result = match result {
            Ok(result) => result,
            Err(error) if is_refusal(&error) => self.fail_deposit(tx)?,
            Err(error) => return Err(error.into()),
        };
        let success = result.is_success();
        let used = if counted { result.tx_gas_used() } else { 0 };
        let contract_address = (tx.to == TxKind::Create).then(|| tx.from.create(nonce));
        let extra = ReceiptExtra { sender: tx.from, gas_used: used, contract_address, ..ReceiptExtra::default() };
        self.record(tx.encode(), DEPOSIT_TYPE, result, used, extra)?;
        Ok(success)
    }

    /// A deposit that cannot start: its nonce rises and its whole gas is used.
    fn fail_deposit(&mut self, tx: &SystemTransaction) -> Result<ExecutionResult, Fault> {
        let overlay = self.machine.overlay();
        let mut sender = overlay.account(&tx.from)?.unwrap_or_default();
        sender.nonce = sender.nonce.saturating_add(1);
        overlay.put_account(tx.from, Some(sender))?;
        let gas = ResultGas::default().with_total_gas_spent(tx.gas);
        Ok(ExecutionResult::Revert { gas, logs: Vec::new(), output: Bytes::new() })
    }
}
