//! Parity's flat list of calls, in the shape of geth's flatCallTracer.

use super::{
    TraceOptions,
    calls::{CallTracer, Frame},
    json::Json,
    observer::{Destruction, Entered, Exited, Observer, Outcome, Place},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use alloy_primitives::{Address, U256};
use revm::bytecode::opcode::{self, OpCode};

/// Bytes of one number of a trace address, at most.
const STEP: usize = 6;
/// What geth calls a failure, or how that begins, and what Parity calls it.
const PARITY_WORDS: [(&str, &str); 10] = [
    ("contract creation code storage out of gas", "Out of gas"),
    ("out of gas", "Out of gas"),
    ("max code size exceeded", "Out of gas"),
    ("invalid jump destination", "Bad jump destination"),
    ("execution reverted", "Reverted"),
    ("return data out of bounds", "Out of bounds"),
    ("stack limit reached", "Out of stack"),
    ("stack underflow", "Stack underflow"),
    ("invalid opcode", "Bad instruction"),
    ("Precompile", "Built-in failed"),
];

/// Collects the tree and writes it as a list, parents before children.
#[derive(Debug)]
pub(super) struct FlatCallTracer {
    tree: CallTracer,
    options: TraceOptions,
    /// Calls to these are left out, but for the transaction's own; empty: none is.
    hidden: Vec<Address>,
}

impl FlatCallTracer {
    pub(super) fn new(options: TraceOptions, precompiles: Vec<Address>) -> Self {
        let whole = TraceOptions { with_log: false, only_top_call: false, ..options };
        let hidden = if options.include_precompiles { Vec::new() } else { precompiles };
        Self { tree: CallTracer::new(whole), options, hidden }
    }

    fn is_hidden(&self, frame: &Frame) -> bool {
        matches!(frame.entered.kind, opcode::CALL | opcode::STATICCALL)
            && frame.entered.to.is_some_and(|to| self.hidden.contains(&to))
    }
}

impl Observer for FlatCallTracer {
    fn enter(&mut self, entered: Entered) {
        self.tree.bytes += STEP * entered.depth;
        self.tree.enter(entered);
    }

    fn exit(&mut self, exited: Exited) {
        self.tree.exit(exited);
        let last = self.tree.open.last().and_then(|parent| parent.calls.last());
        if last.is_some_and(|frame| self.is_hidden(frame)) {
            self.tree.open.last_mut().expect("looked at above").calls.pop();
        }
    }

    fn failing(&mut self, words: String) {
        self.tree.failing(words);
    }

    fn selfdestruct(&mut self, destruction: &Destruction) {
        self.tree.bytes += STEP * self.tree.open.len();
        self.tree.selfdestruct(destruction);
    }

    fn is_full(&self) -> bool {
        self.tree.is_full()
    }

    fn finish(self: Box<Self>, outcome: &Outcome<'_>, out: &mut Json) {
        let root = self.tree.into_root(outcome);
        let writer = Writer { parity_words: self.options.convert_parity_errors, place: outcome.place };
        out.list(|out| writer.write(&root, &mut Vec::new(), out));
    }
}

struct Writer {
    parity_words: bool,
    place: Option<Place>,
}

impl Writer {
    /// The frame and what it called; `address`: the way to it from the transaction's own frame.
    fn write(&self, frame: &Frame, address: &mut Vec<usize>, out: &mut Json) {
        out.object(|json| {
            action(frame, json.key("action"));
            self.place(json);
            if let Some(error) = &frame.error {
                json.key("error").string(self.words(error));
            }
            result(frame, json);
            json.key("subtraces").plain(frame.calls.len());
            json.key("traceAddress").list(|json| address.iter().for_each(|step| json.plain(step)));
            json.key("type").string(match frame.entered.kind {
                opcode::CREATE | opcode::CREATE2 => "create",
                opcode::SELFDESTRUCT => "suicide",
                _ => "call",
            });
        });
        for (index, call) in frame.calls.iter().enumerate() {
            address.push(index);
            self.write(call, address, out);
            address.pop();
        }
    }

    fn place(&self, json: &mut Json) {
        let Some(place) = &self.place else {
            json.key("blockHash").raw("null");
            json.key("blockNumber").plain(0);
            json.key("transactionHash").raw("null");
            json.key("transactionPosition").plain(0);
            return;
        };
        json.key("blockHash").bytes(place.block_hash.as_slice());
        json.key("blockNumber").plain(place.block_number);
        json.key("transactionHash").bytes(place.transaction_hash.as_slice());
        json.key("transactionPosition").plain(place.position);
    }

    fn words<'a>(&self, error: &'a str) -> &'a str {
        let known = PARITY_WORDS.iter().find(|(geth, _)| self.parity_words && error.starts_with(geth));
        known.map_or(error, |(_, parity)| parity)
    }
}

/// What was asked for.
fn action(frame: &Frame, json: &mut Json) {
    let Entered { kind, from, to, input, value, gas, .. } = &frame.entered;
    let value = value.unwrap_or_default();
    json.object(|json| match *kind {
        opcode::SELFDESTRUCT => {
            json.key("address").bytes(from.as_slice());
            json.key("balance").quantity(value);
            json.key("refundAddress").bytes(to.unwrap_or_default().as_slice());
        }
        opcode::CREATE | opcode::CREATE2 => {
            json.key("creationMethod").string(if *kind == opcode::CREATE { "create" } else { "create2" });
            json.key("from").bytes(from.as_slice());
            json.key("gas").quantity(U256::from(*gas));
            json.key("init").bytes(input);
            json.key("value").quantity(value);
        }
        _ => {
            let name = OpCode::new(*kind).map_or("CALL", OpCode::as_str);
            json.key("callType").string(&name.to_ascii_lowercase());
            json.key("from").bytes(from.as_slice());
            json.key("gas").quantity(U256::from(*gas));
            json.key("input").bytes(input);
            json.key("to").bytes(to.unwrap_or_default().as_slice());
            json.key("value").quantity(value);
        }
    });
}

/// What came of it: nothing for a self-destruction, nor for a failure but a revert, whose output says why.
fn result(frame: &Frame, json: &mut Json) {
    let Entered { kind, to, .. } = &frame.entered;
    let failed = frame.error.as_ref().is_some_and(|error| error != "execution reverted");
    if *kind == opcode::SELFDESTRUCT || failed {
        return;
    }
    let is_creation = matches!(*kind, opcode::CREATE | opcode::CREATE2);
    json.key("result").object(|json| {
        if let (true, Some(created)) = (is_creation, to) {
            json.key("address").bytes(created.as_slice());
        }
        if is_creation {
            json.key("code").bytes(&frame.output);
        }
        json.key("gasUsed").quantity(U256::from(frame.gas_used));
        if !is_creation {
            json.key("output").bytes(&frame.output);
        }
    });
}
