//! One entry for each instruction, as geth's default tracer has them.

use super::{
    TraceOptions,
    json::Json,
    observer::{Observer, Outcome, StepEnd, failure},
};
use alloc::{boxed::Box, collections::BTreeMap};
use alloy_primitives::{Address, B256, U256};
use revm::{
    bytecode::opcode::{self, OpCode},
    context::result::ExecutionResult,
    interpreter::{
        InstructionResult, Interpreter,
        interpreter::EthInterpreter,
        interpreter_types::{InputsTr, Jumps, MemoryTr, ReturnData},
    },
};

/// Bytes of an entry beside its lists, at most.
const ENTRY: usize = 200;
/// Bytes of a word in a list.
const WORD: usize = 70;

/// Collects entries.
#[derive(Debug)]
pub(super) struct StructLogger {
    options: TraceOptions,
    entries: Json,
    /// The entry of the instruction that runs: what was known before it, but its cost and what follows from it.
    current: Option<Current>,
    /// Slots seen so far of each contract, with their value.
    storage: BTreeMap<Address, BTreeMap<U256, U256>>,
    /// Refund counter of each open frame.
    refunds: alloc::vec::Vec<i64>,
    full: bool,
}

#[derive(Debug, Default)]
struct Current {
    pc: usize,
    gas: u64,
    depth: usize,
    /// Slot of SLOAD and SSTORE, and the value that SSTORE writes.
    slot: Option<(U256, Option<U256>)>,
    /// Stack, return data and memory, written already.
    lists: Json,
}

impl StructLogger {
    pub(super) fn new(options: TraceOptions) -> Self {
        Self {
            options,
            entries: Json::default(),
            current: None,
            storage: BTreeMap::new(),
            refunds: alloc::vec::Vec::new(),
            full: false,
        }
    }

    /// True when geth's option `limit` says that it is enough.
    const fn is_over_limit(&self) -> bool {
        self.options.limit != 0 && self.entries.len() as u64 > self.options.limit
    }

    /// Refund counter of the transaction: what the open frames have, each its own.
    fn refund(&mut self, depth: usize, own: i64) -> i64 {
        self.refunds.resize(depth + 1, 0);
        self.refunds[depth] = own;
        self.refunds.iter().sum()
    }

    fn lists(&mut self, interpreter: &Interpreter<EthInterpreter>) -> Json {
        let (stack, returned) = (interpreter.stack.data(), interpreter.return_data.buffer());
        let memory = if self.options.enable_memory { interpreter.memory.size() } else { 0 };
        let mut length = self.entries.len() + ENTRY + memory / 32 * WORD;
        length += if self.options.disable_stack { 0 } else { stack.len() * WORD };
        length += if self.options.enable_return_data { returned.len() * 2 } else { 0 };
        let mut json = Json::default();
        if length > self.options.most_bytes {
            self.full = true;
            return json;
        }
        if !self.options.disable_stack {
            json.key("stack").list(|json| stack.iter().for_each(|word| json.quantity(*word)));
        }
        if self.options.enable_return_data && !returned.is_empty() {
            json.key("returnData").bytes(returned);
        }
        if memory > 0 {
            let bytes = interpreter.memory.slice(0..memory);
            json.key("memory").list(|json| bytes.chunks(32).for_each(|word| json.bytes(word)));
        }
        json
    }

    fn write_storage(&mut self, json: &mut Json, contract: Address, slot: U256, value: U256) {
        let slots = self.storage.entry(contract).or_default();
        slots.insert(slot, value);
        if self.entries.len() + json.len() + slots.len() * WORD * 2 > self.options.most_bytes {
            self.full = true;
            return;
        }
        json.key("storage").object(|json| {
            for (slot, value) in slots {
                json.bytes_key(B256::from(*slot).as_slice()).bytes(B256::from(*value).as_slice());
            }
        });
    }
}

/// The words for an instruction that could not even be paid or found too little on the stack.
fn stopped(end: &StepEnd) -> Option<alloc::string::String> {
    use InstructionResult as R;
    let halt = end.halt?;
    let counts = matches!(
        halt,
        R::OutOfGas
            | R::MemoryOOG
            | R::MemoryLimitOOG
            | R::InvalidOperandOOG
            | R::ReentrancySentryOOG
            | R::StackUnderflow
            | R::StackOverflow
    );
    if counts { failure(halt) } else { None }
}

impl Observer for StructLogger {
    fn wants_steps(&self) -> bool {
        true
    }

    fn before_step(&mut self, interpreter: &Interpreter<EthInterpreter>, depth: usize) {
        self.current = None;
        if self.is_over_limit() {
            return;
        }
        let stack = interpreter.stack.data();
        let second = stack.len().checked_sub(2).map(|index| stack[index]);
        let slot = match (interpreter.bytecode.opcode(), stack.last()) {
            (opcode::SLOAD, Some(slot)) => Some((*slot, None)),
            (opcode::SSTORE, Some(slot)) => second.map(|value| (*slot, Some(value))),
            _ => None,
        };
        let lists = self.lists(interpreter);
        let (pc, gas) = (interpreter.bytecode.pc(), interpreter.gas.remaining());
        self.current = Some(Current { pc, gas, depth: depth + 1, slot, lists });
    }

    fn after_step(&mut self, interpreter: &Interpreter<EthInterpreter>, end: &StepEnd) {
        let Some(current) = self.current.take() else { return };
        let Current { pc, gas, depth, slot, mut lists } = current;
        // geth counts what SSTORE refunds before it writes SSTORE's entry.
        let refund = self.refund(depth - 1, interpreter.gas.refunded());
        let error = stopped(end);
        if let (Some((slot, written)), None, false) = (slot, &error, self.options.disable_storage) {
            let value = written.or_else(|| interpreter.stack.data().last().copied()).unwrap_or_default();
            self.write_storage(&mut lists, interpreter.input.target_address(), slot, value);
        }
        if self.full {
            return;
        }
        let lists = lists.into_text();
        self.entries.object(|json| {
            json.key("pc").plain(pc);
            match OpCode::new(end.opcode) {
                Some(known) => json.key("op").string(known.as_str()),
                None => json.key("op").string(&alloc::format!("opcode {:#x} not defined", end.opcode)),
            }
            json.key("gas").plain(gas);
            json.key("gasCost").plain(end.cost);
            json.key("depth").plain(depth);
            if let Some(error) = error {
                json.key("error").string(&error);
            }
            if !lists.is_empty() {
                json.raw(&lists);
            }
            if refund != 0 {
                json.key("refund").plain(refund);
            }
        });
        self.full = self.entries.len() > self.options.most_bytes;
    }

    fn is_full(&self) -> bool {
        self.full
    }

    fn finish(self: Box<Self>, outcome: &Outcome<'_>, out: &mut Json) {
        let returned = match outcome.result {
            ExecutionResult::Success { output, .. } => output.data().clone(),
            ExecutionResult::Revert { output, .. } => output.clone(),
            ExecutionResult::Halt { .. } => alloy_primitives::Bytes::new(),
        };
        out.object(|json| {
            json.key("gas").plain(outcome.result.tx_gas_used());
            json.key("failed").plain(!outcome.result.is_success());
            json.key("returnValue").bytes(&returned);
            json.key("structLogs").list(|json| {
                let entries = self.entries.into_text();
                if !entries.is_empty() {
                    json.raw(&entries);
                }
            });
        });
    }
}
