//! What a transaction pays, around revm's own steps (docs/spec/execution.md).

use super::{Machine, RunError, fee};
use crate::{predeploys, state::Host};
use alloc::boxed::Box;
use alloy_primitives::U256;
use core::marker::PhantomData;
use revm::{
    context::{Block, ContextTr, JournalTr, Transaction, journaled_state::account::JournaledAccountTr},
    context_interface::result::{HaltReason, InvalidTransaction},
    handler::{EvmTr, FrameResult, Handler, post_execution, pre_execution, validation},
    interpreter::InitialAndFloorGas,
};

/// Who pays what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Ethereum: the base fee is burned.
    Ethereum,
    /// User transaction on L2: the base fee goes to its vault, and this L1 data fee (METIS wei) to another.
    Rollup(U256),
    /// Deposit or system transaction: nothing is paid, and nothing can make it invalid but its gas and balance.
    Nothing,
}

/// One transaction's run.
#[derive(Debug)]
pub struct Runner<H> {
    charge: Charge,
    host: PhantomData<H>,
}

impl<H> Runner<H> {
    /// A run with this charge.
    pub const fn new(charge: Charge) -> Self {
        Self { charge, host: PhantomData }
    }
}

fn short_of(needed: U256, balance: U256) -> RunError {
    InvalidTransaction::LackOfFundForMaxFee { fee: Box::new(needed), balance: Box::new(balance) }.into()
}

impl<H: Host> Runner<H> {
    /// Takes the L1 data fee from the sender beside what Ethereum takes.
    fn deduct_with_data_fee(&self, evm: &mut Machine<H>, data_fee: U256) -> Result<(), RunError> {
        let context = evm.ctx();
        let caller = context.tx().caller();
        let balance = context.journal_mut().load_account(caller)?.info.balance;
        pre_execution::validate_against_state_and_deduct_caller::<_, RunError>(context)?;
        let most = context.tx().max_balance_spending()?;
        let needed = most.checked_add(data_fee).ok_or(InvalidTransaction::OverflowPaymentInTransaction)?;
        if needed > balance {
            return Err(short_of(needed, balance));
        }
        let mut account = context.journal_mut().load_account_mut(caller)?;
        account.decr_balance(data_fee);
        Ok(())
    }

    /// A deposit bumps the nonce and needs its value, nothing else.
    fn admit_deposit(evm: &mut Machine<H>) -> Result<(), RunError> {
        let (_, tx, _, journal, _, _) = evm.ctx().all_mut();
        let mut caller = journal.load_account_with_code_mut(tx.caller())?.data;
        if *caller.balance() < tx.value() {
            let (needed, balance) = (tx.value(), *caller.balance());
            return Err(short_of(needed, balance));
        }
        caller.touch();
        if tx.kind().is_call() {
            caller.bump_nonce();
        }
        Ok(())
    }
}

impl<H: Host> Handler for Runner<H> {
    type Evm = Machine<H>;
    type Error = RunError;
    type HaltReason = HaltReason;

    fn validate_env(&self, evm: &mut Machine<H>) -> Result<(), RunError> {
        match self.charge {
            Charge::Nothing => Ok(()),
            _ => validation::validate_env(evm.ctx()),
        }
    }

    fn validate_against_state_and_deduct_caller(
        &self,
        evm: &mut Machine<H>,
        _: &mut InitialAndFloorGas,
    ) -> Result<(), RunError> {
        match self.charge {
            Charge::Ethereum => pre_execution::validate_against_state_and_deduct_caller(evm.ctx()),
            Charge::Rollup(data_fee) => self.deduct_with_data_fee(evm, data_fee),
            Charge::Nothing => Self::admit_deposit(evm),
        }
    }

    fn reimburse_caller(&self, evm: &mut Machine<H>, result: &mut FrameResult) -> Result<(), RunError> {
        match self.charge {
            Charge::Nothing => Ok(()),
            _ => Ok(post_execution::reimburse_caller(evm.ctx(), result.gas(), U256::ZERO)?),
        }
    }

    fn reward_beneficiary(&self, evm: &mut Machine<H>, result: &mut FrameResult) -> Result<(), RunError> {
        if self.charge == Charge::Nothing {
            return Ok(());
        }
        let context = evm.ctx();
        post_execution::reward_beneficiary(context, result.gas())?;
        if let Charge::Rollup(data_fee) = self.charge {
            let base_fee = fee(u128::from(context.block().basefee()), result.gas().used());
            let journal = context.journal_mut();
            journal.load_account_mut(predeploys::BASE_FEE_VAULT)?.incr_balance(base_fee);
            journal.load_account_mut(predeploys::L1_FEE_VAULT)?.incr_balance(data_fee);
        }
        Ok(())
    }
}
