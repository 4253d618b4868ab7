//! What a tracer is told while a transaction runs.

use super::json::Json;
use crate::call::halt_words;
use alloc::{boxed::Box, string::String};
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use revm::{
    context::result::ExecutionResult,
    context_interface::result::HaltReason,
    interpreter::{InstructionResult, Interpreter, SuccessOrHalt, interpreter::EthInterpreter},
};

/// A frame starts.
#[derive(Clone, Debug, Default)]
pub struct Entered {
    /// Opcode of the instruction that made it; CALL or CREATE for the transaction itself.
    pub kind: u8,
    /// Who calls: of a DELEGATECALL the contract whose storage it is.
    pub from: Address,
    /// Whose code runs; `None` for a creation, whose address comes with its end.
    pub to: Option<Address>,
    /// Calldata or init code.
    pub input: Bytes,
    /// Wei; `None` where the instruction has no value.
    pub value: Option<U256>,
    /// Gas given.
    pub gas: u64,
    /// 0 for the transaction itself.
    pub depth: usize,
}

/// A frame ends.
#[derive(Clone, Debug)]
pub struct Exited {
    /// How.
    pub result: InstructionResult,
    /// Returned or revert data; the code of a creation.
    pub output: Bytes,
    /// Gas it used, that of its own calls included.
    pub gas_used: u64,
    /// Address of a contract created.
    pub created: Option<Address>,
}

/// SELFDESTRUCT ran.
#[derive(Clone, Debug)]
pub struct Destruction {
    /// The contract.
    pub contract: Address,
    /// Who gets the balance.
    pub heir: Address,
    /// Wei it held.
    pub balance: U256,
}

/// An instruction ended.
#[derive(Clone, Debug, Default)]
pub struct StepEnd {
    /// The instruction.
    pub opcode: u8,
    /// Gas it took, with what it handed to a call, without what it handed to a creation, as geth counts.
    pub cost: u64,
    /// Why the frame stops or pauses after it.
    pub halt: Option<InstructionResult>,
    /// A log it wrote, and how many the transaction had written before.
    pub log: Option<(Log, usize)>,
    /// Set for SELFDESTRUCT before it is known whether it succeeds.
    pub destruction: Option<Destruction>,
}

/// What a transaction came to.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// revm's result.
    pub result: &'a ExecutionResult,
    /// Gas limit of the transaction.
    pub gas_limit: u64,
    /// The transaction itself, for tracers of transactions that never started.
    pub root: Entered,
    /// Where it stands; `None` for a call.
    pub place: Option<Place>,
    /// Logs of the block before it.
    pub logs_before: usize,
}

/// Where a transaction of a block stands.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Place {
    pub block_hash: B256,
    pub block_number: u64,
    pub transaction_hash: B256,
    /// In its block, from 0.
    pub position: u64,
}

/// A tracer. It keeps count of the bytes it will answer, and is asked after each event whether they are too many.
pub trait Observer {
    /// Whether `before_step` and `after_step` are to be called.
    fn wants_steps(&self) -> bool {
        false
    }
    /// An instruction is about to run; `depth` is 0 in the transaction's own frame.
    fn before_step(&mut self, _interpreter: &Interpreter<EthInterpreter>, _depth: usize) {}
    /// It ran.
    fn after_step(&mut self, _interpreter: &Interpreter<EthInterpreter>, _end: &StepEnd) {}
    /// A frame starts.
    fn enter(&mut self, _frame: Entered) {}
    /// The frame entered last, of those still open, ends.
    fn exit(&mut self, _frame: Exited) {}
    /// The current frame wrote a log; `index`: how many the transaction had written before.
    fn log(&mut self, _log: &Log, _index: usize) {}
    /// The current frame fails with these words, which say more than its end does.
    fn failing(&mut self, _words: String) {}
    /// The current contract destroyed itself.
    fn selfdestruct(&mut self, _destruction: &Destruction) {}
    /// True when the answer is longer than it may be: the run ends.
    fn is_full(&self) -> bool;
    /// The answer.
    fn finish(self: Box<Self>, outcome: &Outcome<'_>, out: &mut Json);
}

/// geth's words for how a frame failed; `None` when it did not.
pub(super) fn failure(result: InstructionResult) -> Option<String> {
    match SuccessOrHalt::<HaltReason>::from(result) {
        SuccessOrHalt::Success(_) | SuccessOrHalt::Internal(_) => None,
        SuccessOrHalt::Revert => Some("execution reverted".into()),
        SuccessOrHalt::Halt(reason) => Some(halt_words(&reason)),
        SuccessOrHalt::FatalExternalError => Some("state unavailable".into()),
    }
}
