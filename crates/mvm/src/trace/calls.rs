//! The tree of calls, as geth's callTracer has it, and the selectors of 4byteTracer.

use super::{
    TraceOptions,
    json::Json,
    observer::{Destruction, Entered, Exited, Observer, Outcome, failure},
};
use alloc::{boxed::Box, collections::BTreeMap, format, string::String, vec::Vec};
use alloy_primitives::{Address, Bytes, Log, U256};
use revm::{
    bytecode::opcode::{self, OpCode},
    context::result::ExecutionResult,
    interpreter::InstructionResult,
};

/// Bytes of a frame or log beside its data, about.
const FRAME: usize = 400;
/// Selector of Solidity's `Error(string)`.
const ERROR_SELECTOR: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];

#[derive(Debug)]
pub(super) struct LogLine {
    log: Log,
    /// How many calls the frame had made before.
    position: usize,
    /// How many logs the transaction had written before; in the answer, the block.
    index: usize,
}

#[derive(Debug, Default)]
pub(super) struct Frame {
    pub entered: Entered,
    pub output: Bytes,
    pub gas_used: u64,
    pub error: Option<String>,
    pub calls: Vec<Frame>,
    logs: Vec<LogLine>,
}

/// Collects the tree.
#[derive(Debug)]
pub(super) struct CallTracer {
    options: TraceOptions,
    /// Frames open now, the transaction's own first.
    pub open: Vec<Frame>,
    root: Option<Frame>,
    /// Bytes of the answer, about.
    pub bytes: usize,
    /// Frames entered that are not kept.
    hidden: usize,
    /// Why the frame that ends next fails, where the instruction said so.
    failing: Option<String>,
}

impl CallTracer {
    pub(super) const fn new(options: TraceOptions) -> Self {
        Self { options, open: Vec::new(), root: None, bytes: 0, hidden: 0, failing: None }
    }

    /// The transaction's own frame, with the gas of the whole transaction.
    pub(super) fn into_root(self, outcome: &Outcome<'_>) -> Frame {
        let mut root = self.root.unwrap_or_else(|| Frame { entered: outcome.root.clone(), ..Frame::default() });
        root.entered.gas = outcome.gas_limit;
        root.gas_used = outcome.result.tx_gas_used();
        if root.error.is_none() {
            root.error = match outcome.result {
                ExecutionResult::Success { .. } => None,
                ExecutionResult::Revert { .. } => Some("execution reverted".into()),
                ExecutionResult::Halt { reason, .. } => Some(crate::call::halt_words(reason)),
            };
        }
        root
    }
}

/// Solidity's reason in the output of a revert.
fn reason(output: &[u8]) -> Option<String> {
    let words = output.strip_prefix(&ERROR_SELECTOR)?;
    let length = usize::try_from(U256::from_be_slice(words.get(32..64)?)).ok()?;
    String::from_utf8(words.get(64..)?.get(..length)?.to_vec()).ok()
}

impl Frame {
    /// `words`: what is known of its failure beside its end.
    fn close(&mut self, exited: Exited, words: Option<String>) {
        let is_creation = matches!(self.entered.kind, opcode::CREATE | opcode::CREATE2);
        // What a frame that ran out of gas returned is the code it had no gas to store.
        let unpaid = is_creation && exited.result == InstructionResult::OutOfGas && !exited.output.is_empty();
        let words = if unpaid { Some("contract creation code storage out of gas".into()) } else { words };
        self.error = failure(exited.result).map(|plain| words.unwrap_or(plain));
        self.gas_used = exited.gas_used;
        if exited.created.is_some() && self.error.is_none() {
            self.entered.to = exited.created;
        }
        if self.error.is_none() || exited.result.is_revert() {
            self.output = exited.output;
        }
    }

    /// Logs of what failed never happened; the others count from the block's first.
    fn settle_logs(&mut self, parent_failed: bool, logs_before: usize) {
        let failed = parent_failed || self.error.is_some();
        if failed {
            self.logs.clear();
        }
        self.logs.iter_mut().for_each(|line| line.index += logs_before);
        self.calls.iter_mut().for_each(|call| call.settle_logs(failed, logs_before));
    }

    fn write(&self, json: &mut Json) {
        let Entered { kind, from, to, input, value, gas, .. } = &self.entered;
        json.object(|json| {
            json.key("from").bytes(from.as_slice());
            json.key("gas").quantity(U256::from(*gas));
            json.key("gasUsed").quantity(U256::from(self.gas_used));
            if let Some(to) = to {
                json.key("to").bytes(to.as_slice());
            }
            json.key("input").bytes(input);
            if !self.output.is_empty() {
                json.key("output").bytes(&self.output);
            }
            if let Some(error) = &self.error {
                json.key("error").string(error);
                if let Some(reason) = reason(&self.output) {
                    json.key("revertReason").string(&reason);
                }
            }
            if !self.calls.is_empty() {
                json.key("calls").list(|json| self.calls.iter().for_each(|call| call.write(json)));
            }
            if !self.logs.is_empty() {
                json.key("logs").list(|json| self.logs.iter().for_each(|line| line.write(json)));
            }
            if let Some(value) = value {
                json.key("value").quantity(*value);
            }
            json.key("type").string(OpCode::new(*kind).map_or("CALL", OpCode::as_str));
        });
    }
}

impl LogLine {
    fn write(&self, json: &mut Json) {
        json.object(|json| {
            json.key("address").bytes(self.log.address.as_slice());
            json.key("topics").list(|json| self.log.topics().iter().for_each(|topic| json.bytes(topic.as_slice())));
            json.key("data").bytes(&self.log.data.data);
            json.key("index").quantity(U256::from(self.index));
            json.key("position").quantity(U256::from(self.position));
        });
    }
}

impl Observer for CallTracer {
    fn enter(&mut self, entered: Entered) {
        if self.options.only_top_call && entered.depth > 0 {
            self.hidden += 1;
            return;
        }
        self.bytes += FRAME + entered.input.len() * 2;
        self.open.push(Frame { entered, ..Frame::default() });
    }

    fn exit(&mut self, exited: Exited) {
        let words = self.failing.take();
        if self.hidden > 0 {
            self.hidden -= 1;
            return;
        }
        let Some(mut frame) = self.open.pop() else { return };
        self.bytes += exited.output.len() * 2;
        frame.close(exited, words);
        match self.open.last_mut() {
            Some(parent) => parent.calls.push(frame),
            None => self.root = Some(frame),
        }
    }

    fn failing(&mut self, words: String) {
        self.failing = Some(words);
    }

    fn log(&mut self, log: &Log, index: usize) {
        if let (true, 0, Some(frame)) = (self.options.with_log, self.hidden, self.open.last_mut()) {
            self.bytes += FRAME + log.data.data.len() * 2;
            frame.logs.push(LogLine { log: log.clone(), position: frame.calls.len(), index });
        }
    }

    fn selfdestruct(&mut self, destruction: &Destruction) {
        if self.options.only_top_call {
            return;
        }
        let Some(frame) = self.open.last_mut() else { return };
        self.bytes += FRAME;
        let entered = Entered {
            kind: opcode::SELFDESTRUCT,
            from: destruction.contract,
            to: Some(destruction.heir),
            value: Some(destruction.balance),
            ..Entered::default()
        };
        frame.calls.push(Frame { entered, ..Frame::default() });
    }

    fn is_full(&self) -> bool {
        self.bytes > self.options.most_bytes
    }

    fn finish(self: Box<Self>, outcome: &Outcome<'_>, out: &mut Json) {
        let mut root = self.into_root(outcome);
        root.settle_logs(false, outcome.logs_before);
        root.write(out);
    }
}

/// Counts function selectors by the length of what follows them.
#[derive(Debug)]
pub(super) struct FourByteTracer {
    options: TraceOptions,
    precompiles: Vec<Address>,
    counts: BTreeMap<([u8; 4], usize), u64>,
}

impl FourByteTracer {
    pub(super) const fn new(options: TraceOptions, precompiles: Vec<Address>) -> Self {
        Self { options, precompiles, counts: BTreeMap::new() }
    }
}

impl Observer for FourByteTracer {
    fn enter(&mut self, entered: Entered) {
        let Some(to) = entered.to else { return };
        let is_precompile = entered.depth > 0 && self.precompiles.contains(&to);
        if let (false, Some(selector)) = (is_precompile, entered.input.first_chunk::<4>()) {
            *self.counts.entry((*selector, entered.input.len() - 4)).or_default() += 1;
        }
    }

    fn is_full(&self) -> bool {
        self.counts.len() * 50 > self.options.most_bytes
    }

    fn finish(self: Box<Self>, _: &Outcome<'_>, out: &mut Json) {
        out.object(|json| {
            for ((selector, length), count) in &self.counts {
                json.key(&format!("{}-{length}", alloy_primitives::hex::encode_prefixed(selector))).plain(count);
            }
        });
    }
}
