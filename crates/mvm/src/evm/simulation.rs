//! What eth_simulateV1 changes in the machine: logs of transfers, and precompiles at other addresses.

use super::{Machine, MachineContext};
use crate::{error::Fault, state::Host};
use alloc::{boxed::Box, vec, vec::Vec};
use alloy_primitives::{Address, B256, Log, LogData, U256, address, b256};
use revm::{
    context::JournalTr,
    context_interface::{context::ContextError, journaled_state::entry::JournalEntry},
    handler::{EthFrame, ItemOrResult, evm::FrameInitResult},
    interpreter::{FrameInput, InstructionResult, InterpreterAction, interpreter_action::FrameInit},
    precompile::{Precompile, Precompiles},
};

/// Where the log of a transfer of the gas token comes from.
pub const TRANSFER_LOG_ADDRESS: Address = address!("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
/// keccak256("Transfer(address,address,uint256)").
const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// What a simulation asks for beyond Ethereum's rules; nothing by default.
#[derive(Debug, Default)]
pub struct Simulation {
    /// Transfers give logs.
    transfers: bool,
    /// Address of a precompile, and where it answers now.
    moves: Vec<(Address, Address)>,
    /// The precompiles that answer, while some are gone; those of the fork are warm all the same.
    left: Option<&'static Precompiles>,
    /// Logs are numbered, those of frames that revert included, as geth's tracer does.
    numbered: bool,
    next_index: u64,
    /// Number of each log in the journal.
    indexes: Vec<u64>,
}

impl Simulation {
    /// True when frames start as `Machine::simulated_frame` does it.
    pub const fn is_active(&self) -> bool {
        self.numbered
    }

    /// Numbers the logs that are new in the journal.
    fn number<H: Host>(&mut self, context: &MachineContext<H>) {
        while self.indexes.len() < context.journaled_state.inner.logs.len() {
            self.indexes.push(self.next_index);
            self.next_index += 1;
        }
    }

    /// What an interpreter did: new logs, and the transfer of a self-destruction.
    pub fn before_step_ends<H: Host>(&mut self, action: &InterpreterAction, context: &mut MachineContext<H>) {
        if !self.is_active() {
            return;
        }
        self.number(context);
        let InterpreterAction::Return(end) = action else { return };
        if !self.transfers || end.result != InstructionResult::SelfDestruct {
            return;
        }
        let (from, to, value) = match context.journaled_state.inner.journal.last() {
            Some(JournalEntry::BalanceTransfer { from, to, balance }) => (*from, *to, *balance),
            Some(JournalEntry::AccountDestroyed { had_balance, address, target, .. }) => {
                (*address, *target, *had_balance)
            }
            _ => return,
        };
        if !value.is_zero() {
            context.journaled_state.log(transfer_log(from, to, value));
            self.number(context);
        }
    }

    /// A frame that reverted has taken its logs with it.
    pub fn after_step_ended<H: Host>(&mut self, context: &MachineContext<H>) {
        self.indexes.truncate(context.journaled_state.inner.logs.len());
    }

    /// The log of what `init` is about to transfer.
    fn log_of<H: Host>(&self, init: &FrameInit, context: &mut MachineContext<H>) -> Result<Option<Log>, Fault> {
        if !self.transfers {
            return Ok(None);
        }
        let (from, to, value) = match &init.frame_input {
            FrameInput::Call(inputs) => {
                (inputs.caller, inputs.target_address, inputs.value.transfer().unwrap_or_default())
            }
            FrameInput::Create(inputs) => {
                let nonce = context.journaled_state.load_account(inputs.caller())?.info.nonce;
                (inputs.caller(), inputs.created_address(nonce), inputs.value())
            }
            FrameInput::Empty => return Ok(None),
        };
        Ok((!value.is_zero()).then(|| transfer_log(from, to, value)))
    }

    /// Leads a call of a moved precompile to it; the set that answers the call, where it is not the fork's.
    fn redirect(&self, init: &mut FrameInit) -> Option<&'static Precompiles> {
        let FrameInput::Call(inputs) = &mut init.frame_input else { return None };
        let Some((source, _)) = self.moves.iter().find(|(_, target)| *target == inputs.bytecode_address) else {
            return self.left;
        };
        inputs.bytecode_address = *source;
        None
    }
}

impl<H: Host> Machine<H> {
    /// From now on logs are numbered, and transfers of the gas token, if wanted, give a log of `TRANSFER_LOG_ADDRESS`.
    pub fn begin_simulation(&mut self, transfers: bool) {
        self.1.numbered = true;
        self.1.transfers = transfers;
    }

    /// System calls are as in any block.
    pub fn end_simulation(&mut self) {
        self.1.numbered = false;
        self.1.transfers = false;
    }

    /// Numbers of the logs of the transaction that ran last.
    pub fn take_log_indexes(&mut self) -> Vec<u64> {
        core::mem::take(&mut self.1.indexes)
    }

    /// Lets precompiles answer at other addresses, and takes those of `gone` from theirs.
    pub fn override_precompiles(&mut self, moves: &[(Address, Address)], gone: &[Address]) {
        if moves.is_empty() && gone.is_empty() {
            return;
        }
        self.1.moves = moves.to_vec();
        self.1.left = Some(without(self.0.precompiles.precompiles, gone));
    }

    /// Starts a frame with what the simulation asks for.
    pub(super) fn simulated_frame(
        &mut self,
        mut init: FrameInit,
    ) -> Result<FrameInitResult<'_, EthFrame>, ContextError<Fault>> {
        let log = self.1.log_of(&init, &mut self.0.ctx)?;
        let usual = self.0.precompiles.precompiles;
        self.0.precompiles.precompiles = self.1.redirect(&mut init).unwrap_or(usual);
        let finished = match self.plain_frame(init)? {
            ItemOrResult::Item(_) => None,
            ItemOrResult::Result(result) => Some(result),
        };
        self.0.precompiles.precompiles = usual;
        // Behind the frame's checkpoint, so that a revert takes the log back.
        let goes_on = finished.as_ref().is_none_or(|result| result.instruction_result().is_ok());
        if let (Some(log), true) = (log, goes_on) {
            self.0.ctx.journaled_state.log(log);
            self.1.number(&self.0.ctx);
        }
        Ok(match finished {
            Some(result) => ItemOrResult::Result(result),
            None => ItemOrResult::Item(self.0.frame_stack.get()),
        })
    }
}

fn transfer_log(from: Address, to: Address, value: U256) -> Log {
    let topics = vec![TRANSFER, from.into_word(), to.into_word()];
    Log { address: TRANSFER_LOG_ADDRESS, data: LogData::new_unchecked(topics, value.to_be_bytes_vec().into()) }
}

/// The precompiles but for some. Lives as long as the kernel: revm wants them static, and such requests are rare.
fn without(all: &Precompiles, gone: &[Address]) -> &'static Precompiles {
    let kept: Vec<Precompile> = all
        .addresses()
        .filter(|address| !gone.contains(address))
        .filter_map(|address| all.get(address).cloned())
        .collect();
    let mut result = Precompiles::default();
    result.extend(kept);
    Box::leak(Box::new(result))
}
