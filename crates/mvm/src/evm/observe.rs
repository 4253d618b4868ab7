//! The machine under observation: the same frames and the same instructions, with somebody told of each.

use super::{Machine, MachineContext, RunError};
use crate::{
    evm::Charge,
    interpreter,
    state::Host,
    trace::{Entered, Exited, Observer, StepEnd},
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};
use alloy_primitives::{Address, Bytes};
use revm::{
    bytecode::opcode::{self, OpCode},
    context::{TxEnv, result::ExecutionResult},
    context_interface::context::ContextError,
    handler::{EthFrame, FrameInitOrResult, FrameResult, ItemOrResult, evm::FrameInitResult},
    interpreter::{
        CallScheme, CreateScheme, FrameInput, InstructionResult, Interpreter, InterpreterAction, STACK_LIMIT,
        interpreter::EthInterpreter,
        interpreter_action::FrameInit,
        interpreter_types::{InputsTr, Jumps, LoopControl},
    },
    state::EvmState,
};

type Error = ContextError<crate::error::Fault>;

impl<H: Host> Machine<H> {
    /// As `run`, with `observer` told of every frame and, if it wants them, of every instruction. It comes back with
    /// the outcome. The run ends with an error once the observer's record is longer than it may be.
    pub fn run_observed(
        &mut self,
        tx: TxEnv,
        charge: Charge,
        observer: Box<dyn Observer>,
    ) -> (Result<(ExecutionResult, EvmState), RunError>, Box<dyn Observer>) {
        self.0.inspector = Some(observer);
        let result = self.run(tx, charge);
        (result, self.0.inspector.take().expect("put there above"))
    }

    pub(super) const fn is_observed(&self) -> bool {
        self.0.inspector.is_some()
    }

    fn observer(&mut self) -> &mut dyn Observer {
        &mut **self.0.inspector.as_mut().expect("is_observed was asked before")
    }

    /// Starts a frame and tells of it; one that ends at once (a precompile, a transfer, a failure) ends here.
    pub(super) fn observed_frame(&mut self, init: FrameInit) -> Result<FrameInitResult<'_, EthFrame>, Error> {
        let entered = self.entered(&init);
        self.observer().enter(entered);
        full(self.observer())?;
        let exited = match self.plain_frame(init)? {
            ItemOrResult::Result(result) => result,
            ItemOrResult::Item(_) => return Ok(ItemOrResult::Item(self.0.frame_stack.get())),
        };
        self.observer().exit(Exited::of(&exited));
        Ok(ItemOrResult::Result(exited))
    }

    /// Runs the current frame until it calls or ends.
    pub(super) fn observed_run(&mut self) -> Result<FrameInitOrResult<EthFrame>, Error> {
        let evm = &mut self.0;
        let frame = evm.frame_stack.get();
        let observer = &mut **evm.inspector.as_mut().expect("is_observed was asked before");
        let depth = frame.depth;
        let (tables, context) = (&evm.instruction, &mut evm.ctx);
        let action = observe(&mut frame.interpreter, depth, observer, |interpreter| {
            let (table, gas_table) = (tables.instruction_table(), tables.gas_table());
            let watch = Watch::before(interpreter, context);
            let end = interpreter::step(interpreter, table, gas_table, context);
            (end, watch.after(context))
        })?;
        let next = frame.process_next_action::<_, Error>(context, action)?;
        if let ItemOrResult::Result(result) = &next {
            frame.set_finished(true);
            observer.exit(Exited::of(result));
        }
        Ok(next)
    }

    fn entered(&mut self, init: &FrameInit) -> Entered {
        let depth = init.depth;
        match &init.frame_input {
            FrameInput::Call(call) => {
                let (kind, from, to) = match call.scheme {
                    CallScheme::Call => (opcode::CALL, call.caller, call.target_address),
                    CallScheme::StaticCall => (opcode::STATICCALL, call.caller, call.target_address),
                    CallScheme::CallCode => (opcode::CALLCODE, call.caller, call.bytecode_address),
                    CallScheme::DelegateCall => (opcode::DELEGATECALL, call.target_address, call.bytecode_address),
                };
                let value = (kind != opcode::STATICCALL).then(|| call.value.get());
                let input = Bytes::copy_from_slice(&call.input.as_bytes(&self.0.ctx));
                Entered { kind, from, to: Some(to), input, value, gas: call.gas_limit, depth }
            }
            FrameInput::Create(create) => {
                let is_second = matches!(create.scheme(), CreateScheme::Create2 { .. });
                let kind = if is_second { opcode::CREATE2 } else { opcode::CREATE };
                let (input, value, gas) = (create.init_code().clone(), Some(create.value()), create.gas_limit());
                Entered { kind, from: create.caller(), to: None, input, value, gas, depth }
            }
            FrameInput::Empty => Entered { depth, ..Entered::default() },
        }
    }
}

fn full(observer: &dyn Observer) -> Result<(), Error> {
    if observer.is_full() { Err(ContextError::Custom("the trace is too long".to_string())) } else { Ok(()) }
}

/// What one instruction may do that is seen in the journal alone.
struct Watch {
    logs: usize,
    /// Contract, who gets its balance, and the balance, if it destroys itself.
    destruction: Option<crate::trace::Destruction>,
}

impl Watch {
    fn before<H: Host>(interpreter: &Interpreter<EthInterpreter>, context: &MachineContext<H>) -> Self {
        let journal = &context.journaled_state.inner;
        let is_destruction = interpreter.bytecode.opcode() == opcode::SELFDESTRUCT;
        let destruction = interpreter.stack.data().last().filter(|_| is_destruction).map(|top| {
            let contract = interpreter.input.target_address();
            let balance = journal.state.get(&contract).map(|account| account.info.balance).unwrap_or_default();
            crate::trace::Destruction { contract, heir: Address::from_word((*top).into()), balance }
        });
        Self { logs: journal.logs.len(), destruction }
    }

    fn after<H: Host>(self, context: &MachineContext<H>) -> StepEnd {
        let logs = &context.journaled_state.inner.logs;
        let log = logs.get(self.logs).map(|log| (log.clone(), self.logs));
        StepEnd { log, destruction: self.destruction, ..StepEnd::default() }
    }
}

/// The loop of an observed frame.
fn observe(
    interpreter: &mut Interpreter<EthInterpreter>,
    depth: usize,
    observer: &mut dyn Observer,
    mut step: impl FnMut(&mut Interpreter<EthInterpreter>) -> (revm::interpreter::InstructionExecResult, StepEnd),
) -> Result<InterpreterAction, Error> {
    let wants_steps = observer.wants_steps();
    let halt = loop {
        let (opcode, gas) = (interpreter.bytecode.opcode(), interpreter.gas.remaining());
        if wants_steps {
            observer.before_step(interpreter, depth);
        }
        let (result, mut end) = step(interpreter);
        if wants_steps {
            end.opcode = opcode;
            end.halt = result.err();
            // A static cost above what is left wraps around: it is still the difference.
            end.cost = gas.wrapping_sub(interpreter.gas.remaining());
            if let Some(InterpreterAction::NewFrame(FrameInput::Create(create))) = interpreter.bytecode.action() {
                end.cost = end.cost.saturating_sub(create.gas_limit());
            }
            observer.after_step(interpreter, &end);
        }
        if let Some((log, index)) = end.log {
            observer.log(&log, index);
        }
        if let Some(words) = result.err().and_then(|halt| failure_at(halt, opcode, interpreter.stack.len())) {
            observer.failing(words);
        }
        if let (Some(destruction), Err(InstructionResult::SelfDestruct)) = (&end.destruction, &result) {
            observer.selfdestruct(destruction);
        }
        full(observer)?;
        if let Err(halt) = result {
            break halt;
        }
    };
    if interpreter.bytecode.action().is_none() {
        interpreter.halt(halt);
    }
    Ok(interpreter.take_next_action())
}

/// geth's words for a failure that names the instruction or the stack's height.
fn failure_at(halt: InstructionResult, code: u8, height: usize) -> Option<String> {
    let known = OpCode::new(code);
    let (inputs, outputs) = known.map_or((0, 0), |known| (known.inputs(), known.outputs()));
    match halt {
        InstructionResult::OpcodeNotFound | InstructionResult::NotActivated | InstructionResult::InvalidFEOpcode => {
            let name =
                known.map_or_else(|| format!("opcode {code:#x} not defined"), |known| known.as_str().to_string());
            Some(format!("invalid opcode: {name}"))
        }
        InstructionResult::ReentrancySentryOOG => Some("out of gas: not enough gas for reentrancy sentry".to_string()),
        InstructionResult::StackUnderflow => Some(format!("stack underflow ({height} <=> {inputs})")),
        InstructionResult::StackOverflow => {
            let most = STACK_LIMIT + usize::from(inputs) - usize::from(outputs);
            Some(format!("stack limit reached {height} ({most})"))
        }
        _ => None,
    }
}

impl Exited {
    fn of(result: &FrameResult) -> Self {
        let (outcome, created) = match result {
            FrameResult::Call(call) => (&call.result, None),
            FrameResult::Create(create) => (&create.result, create.address),
        };
        let gas = &outcome.gas;
        let gas_used = if outcome.result.is_ok_or_revert() { gas.total_gas_spent() } else { gas.limit() };
        Self { result: outcome.result, output: outcome.output.clone(), gas_used, created }
    }
}
