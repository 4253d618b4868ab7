//! Running a block's transactions again, one by one.

use crate::{
    config::Config,
    error::Fault,
    evm::{Charge, Machine},
    fee::{DataFee, FastLz, L1Prices},
    rlp::Reader,
    state::{AccountBody, Host},
    transaction::{DEPOSIT_TYPE, SignedTransaction, recover_address},
};
use alloy_primitives::{Address, TxKind, U256};
use revm::{
    context::TxEnv,
    state::{Account, AccountInfo, EvmState},
};

/// A transaction of a kept block, ready to run.
pub(super) struct Prepared {
    pub env: TxEnv,
    pub charge: Charge,
    /// Of a deposit: its sender as it was before the mint.
    pub before_mint: Option<(Address, Option<AccountBody>)>,
}

/// The parts of the block that its transactions share.
pub(super) struct Replay<'a, H: Host> {
    pub machine: Machine<H>,
    pub config: &'a Config,
    /// Known from the first transaction after the deposits on.
    pub prices: Option<L1Prices>,
    /// Logs of the transactions that ran.
    pub logs: usize,
}

impl<H: Host> Replay<'_, H> {
    /// Reads EIP-2718 bytes. A deposit's mint is credited.
    pub fn prepare(&mut self, bytes: &[u8]) -> Result<Prepared, Fault> {
        match bytes.split_first() {
            Some((&DEPOSIT_TYPE, fields)) => self.deposit(fields),
            _ => self.signed(bytes),
        }
    }

    fn signed(&mut self, bytes: &[u8]) -> Result<Prepared, Fault> {
        let tx = SignedTransaction::decode(bytes)?;
        // The block is valid: whether s may be in the upper half was decided when it was executed.
        let sender = recover_address(tx.signing_hash(), tx.signature, false)?;
        let charge = if self.config.chain.pure {
            Charge::Ethereum
        } else {
            let prices = match &self.prices {
                Some(prices) => *prices,
                None => *self.prices.insert(L1Prices::read(self.machine.overlay())?),
            };
            Charge::Rollup(DataFee::of(bytes, &mut FastLz::default(), &prices, &self.config.chain).fee)
        };
        Ok(Prepared { env: tx.to_env(sender)?, charge, before_mint: None })
    }

    /// `[sourceHash, from, to, mint, value, gas, isSystem, data]` (docs/spec/structs.md).
    fn deposit(&mut self, fields: &[u8]) -> Result<Prepared, Fault> {
        let mut fields = Reader::list_of(fields)?;
        fields.b256()?;
        let (from, to) = (fields.address()?, fields.optional_address()?);
        let (mint, value): (U256, U256) = (fields.u256()?, fields.u256()?);
        let gas_limit = fields.u64()?;
        fields.flag()?;
        let data = fields.owned()?;
        fields.end()?;
        let overlay = self.machine.overlay();
        let before = overlay.account(&from)?;
        overlay.credit(&from, mint, false)?;
        let env = TxEnv {
            tx_type: DEPOSIT_TYPE,
            caller: from,
            gas_limit,
            gas_price: 0,
            kind: to.map_or(TxKind::Create, TxKind::Call),
            value,
            data,
            nonce: before.unwrap_or_default().nonce,
            chain_id: None,
            ..TxEnv::default()
        };
        Ok(Prepared { env, charge: Charge::Nothing, before_mint: Some((from, before)) })
    }
}

/// What a deposit that cannot start changes beside its mint: its sender's nonce rises, and nothing else happens.
pub(super) fn unstarted<H: Host>(machine: &mut Machine<H>, from: Address) -> Result<EvmState, Fault> {
    let body = machine.overlay().account(&from)?.unwrap_or_default();
    let info = AccountInfo {
        balance: body.balance,
        nonce: body.nonce.saturating_add(1),
        code_hash: body.code_hash,
        code: None,
        ..AccountInfo::default()
    };
    let mut account = Account::from(info);
    account.mark_touch();
    Ok(core::iter::once((from, account)).collect())
}
