//! A block in the making.

use super::{
    env::{blob_parameters, block_env, cfg_env},
    ethereum::Withdrawal,
    posted::proof_gas_exhausted,
    rollup::RollupInputs,
    sealed::Sealed,
};
use crate::{
    config::Config,
    error::Fault,
    evm::{Charge, Machine, is_refusal},
    fee::{DataFee, FastLz, L1Prices},
    fork::Fork,
    header::Header,
    receipt::{Outcome, Receipt, ReceiptExtra},
    state::{Host, Overlay, commit_state},
    transaction::{SignedTransaction, recover_address},
};
use alloc::{rc::Rc, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use revm::{
    context::{Transaction, TxEnv, result::ExecutionResult},
    primitives::eip4844::GAS_PER_BLOB,
};

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// It is in the block and used this gas.
    Included(u64),
    /// It is not, and the block is as before.
    Refused(Fault),
}

/// A block being built on its parent's state.
#[allow(missing_debug_implementations)]
pub struct Block<H: Host> {
    pub(super) config: Rc<Config>,
    pub(super) machine: Machine<H>,
    /// Roots, gas used and bloom are filled in by `seal`.
    pub(super) header: Header,
    pub(super) parent_state_root: B256,
    pub(super) transactions: Vec<Bytes>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) extras: Vec<ReceiptExtra>,
    /// Position among the posted transactions, and why.
    pub(super) skipped: Vec<(u64, Fault)>,
    pub(super) offered: u64,
    pub(super) gas_used: u64,
    pub(super) blob_gas_used: u64,
    /// What posted transactions that were skipped cost.
    pub(super) skipped_proof_gas: u64,
    /// A posted transaction's intrinsic proofGas did not fit: those behind it are not looked at.
    pub(super) is_proof_gas_exhausted: bool,
    pub(super) rollup: Option<RollupInputs>,
    pub(super) prices: L1Prices,
    /// What transactions take compressed.
    sizes: FastLz,
    /// Pure mode: credited after the last transaction.
    pub(super) withdrawals: Vec<Withdrawal>,
    /// Before the merge: coinbase and number of each ommer.
    pub(super) ommers: Vec<(Address, u64)>,
    /// No system calls, rewards or requests: transactions alone.
    pub(super) bare: bool,
}

impl<H: Host> Block<H> {
    /// A block with this header draft; nothing ran yet.
    pub(super) fn start(config: Rc<Config>, host: H, header: Header, parent_state_root: B256) -> Self {
        Self::start_over(config, Overlay::new(host), header, parent_state_root)
    }

    /// As `start`, on changes that are not in any block.
    pub(super) fn start_over(config: Rc<Config>, overlay: Overlay<H>, header: Header, parent_state_root: B256) -> Self {
        let cfg = cfg_env(&config, header.number, header.timestamp);
        let block = block_env(&config, &header);
        let machine = Machine::new(overlay, cfg, block);
        Self {
            config,
            machine,
            header,
            parent_state_root,
            transactions: Vec::new(),
            receipts: Vec::new(),
            extras: Vec::new(),
            skipped: Vec::new(),
            offered: 0,
            gas_used: 0,
            blob_gas_used: 0,
            skipped_proof_gas: 0,
            is_proof_gas_exhausted: false,
            rollup: None,
            prices: L1Prices::default(),
            sizes: FastLz::default(),
            withdrawals: Vec::new(),
            ommers: Vec::new(),
            bare: false,
        }
    }

    /// Rules of this block.
    pub fn fork(&self) -> Fork {
        self.config.fork_at(self.header.number, self.header.timestamp)
    }

    /// Gas limit of the block.
    pub const fn gas_limit(&self) -> u64 {
        self.header.gas_limit
    }

    /// Gas left for user transactions.
    pub const fn gas_left(&self) -> u64 {
        self.header.gas_limit.saturating_sub(self.gas_used)
    }

    /// Tries one signed transaction at the block's end. Errors are failures of the host; refusals are results.
    pub fn add(&mut self, bytes: &[u8]) -> Result<Inclusion, Fault> {
        self.add_from(bytes, None)
    }

    /// As `add`; `sender`: what the caller has recovered itself.
    pub fn add_from(&mut self, bytes: &[u8], sender: Option<Address>) -> Result<Inclusion, Fault> {
        self.offer(bytes, SignedTransaction::decode(bytes), sender)
    }

    /// `tx`: what `bytes` decode to.
    pub(super) fn offer(
        &mut self,
        bytes: &[u8],
        tx: Result<SignedTransaction, Fault>,
        sender: Option<Address>,
    ) -> Result<Inclusion, Fault> {
        match tx.and_then(|tx| self.admit(bytes, tx, sender)) {
            Ok((env, data_fee)) => {
                let inclusion = self.execute(bytes, env, data_fee)?;
                Ok(self.offered(inclusion))
            }
            Err(refusal) => Ok(self.offered(Inclusion::Refused(refusal))),
        }
    }

    /// Counts a transaction that was offered.
    pub(super) fn offered(&mut self, inclusion: Inclusion) -> Inclusion {
        if let Inclusion::Refused(refusal) = &inclusion {
            self.skipped.push((self.offered, refusal.clone()));
        }
        self.offered += 1;
        inclusion
    }

    /// As `add` for a transaction whose sender is known without a signature.
    pub fn add_unsigned(&mut self, env: TxEnv) -> Result<Inclusion, Fault> {
        self.execute(&[], env, DataFee::default())
    }

    /// What can be said before the state is asked.
    fn admit(
        &mut self,
        bytes: &[u8],
        tx: SignedTransaction,
        sender: Option<Address>,
    ) -> Result<(TxEnv, DataFee), Fault> {
        if tx.tx_type == 0 && tx.chain_id.is_some() && self.fork() < Fork::SpuriousDragon {
            return Err(Fault::new("wrong-chain-id", "replay protection does not exist yet"));
        }
        if self.rollup.is_some() && tx.tx_type == 3 {
            return Err(Fault::new("unsupported-type", "blob transactions are invalid on L2"));
        }
        let low_s = self.fork() >= Fork::Homestead;
        let sender = match sender {
            Some(known) => tx.signature.check(low_s).map(|()| known)?,
            None => recover_address(tx.signing_hash(), tx.signature, low_s)?,
        };
        let env = tx.to_env(sender)?;
        if env.gas_limit > self.gas_left() {
            return Err(Fault::new("block-gas-exhausted", "the block has less gas left than the transaction may use"));
        }
        if env.gas_limit > self.proof_gas_left() {
            return Err(proof_gas_exhausted());
        }
        let blob_gas = env.blob_hashes.len() as u64 * GAS_PER_BLOB;
        let most = blob_parameters(&self.config, self.header.timestamp).map_or(0, |blobs| blobs.max * GAS_PER_BLOB);
        let per_transaction = self.machine.context().cfg.max_blobs_per_tx.unwrap_or_default() * GAS_PER_BLOB;
        if blob_gas <= per_transaction && self.blob_gas_used + blob_gas > most {
            return Err(Fault::new("block-blob-gas-exhausted", "the block has no room for the transaction's blobs"));
        }
        let data_fee = match &self.rollup {
            Some(_) => DataFee::of(bytes, &mut self.sizes, &self.prices, &self.config.chain),
            None => DataFee::default(),
        };
        Ok((env, data_fee))
    }

    fn execute(&mut self, bytes: &[u8], env: TxEnv, data_fee: DataFee) -> Result<Inclusion, Fault> {
        let charge = if self.rollup.is_some() { Charge::Rollup(data_fee.fee) } else { Charge::Ethereum };
        let base_fee = u128::from(self.header.base_fee.unwrap_or_default());
        let (tx_type, sender, kind, nonce) = (env.tx_type, env.caller, env.kind, env.nonce);
        let price = env.effective_gas_price(base_fee);
        let blob_gas = env.total_blob_gas();
        let result = match self.machine.run_and_apply(env, charge) {
            Ok(result) => result,
            Err(error) if is_refusal(&error) => return Ok(Inclusion::Refused(error.into())),
            Err(error) => return Err(error.into()),
        };
        self.blob_gas_used += blob_gas;
        let gas_used = result.tx_gas_used();
        let extra = ReceiptExtra {
            sender,
            gas_used,
            effective_gas_price: U256::from(price),
            contract_address: created(&result, kind, sender, nonce),
            l1_fee: data_fee.fee,
            l1_gas_used: data_fee.size,
            l1_gas_price: data_fee.price,
        };
        self.record(Bytes::copy_from_slice(bytes), tx_type, result, gas_used, extra)?;
        Ok(Inclusion::Included(gas_used))
    }

    /// Appends a transaction with its receipt; `counted` is what it adds to the block's gas.
    pub(super) fn record(
        &mut self,
        bytes: Bytes,
        tx_type: u8,
        result: ExecutionResult,
        counted: u64,
        extra: ReceiptExtra,
    ) -> Result<(), Fault> {
        self.gas_used += counted;
        let outcome = if self.fork() >= Fork::Byzantium {
            Outcome::Status(result.is_success())
        } else {
            Outcome::StateRoot(commit_state(self.machine.overlay(), self.parent_state_root)?.0)
        };
        let logs = if result.is_success() { result.into_logs() } else { Vec::new() };
        self.receipts.push(Receipt { tx_type, outcome, cumulative_gas_used: self.gas_used, logs });
        self.transactions.push(bytes);
        self.extras.push(extra);
        Ok(())
    }

    /// Computes roots and header. `flags` replaces the flags the block was opened with.
    pub fn seal(mut self, flags: Option<u8>) -> Result<Sealed, Fault> {
        if let (Some(rollup), Some(flags)) = (&mut self.rollup, flags) {
            rollup.flags = flags;
        }
        self.finish()?.seal()
    }
}

/// Address a creation made its contract at.
fn created(result: &ExecutionResult, kind: TxKind, sender: Address, nonce: u64) -> Option<Address> {
    match kind {
        TxKind::Create => Some(result.created_address().unwrap_or_else(|| sender.create(nonce))),
        TxKind::Call(_) => None,
    }
}
