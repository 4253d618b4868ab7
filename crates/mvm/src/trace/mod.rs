//! Traces of what kept blocks did and of what calls would do: debug_trace*. Answers are JSON text.

mod calls;
mod flat;
mod json;
mod observer;
mod prestate;
mod struct_log;
mod transactions;

pub use observer::{Destruction, Entered, Exited, Observer, Outcome, Place, StepEnd};

use crate::{
    block::replay,
    call::{Session, explain},
    config::Config,
    error::Fault,
    evm::{Charge, Machine, RunError, is_refusal},
    header::Header,
    rlp::Reader,
    state::{AccountBody, Host},
};
use alloc::{boxed::Box, format, rc::Rc, string::String, vec::Vec};
use alloy_primitives::{Address, Bytes, TxKind, keccak256};
use json::Json;
use revm::{
    bytecode::opcode,
    context::{
        TxEnv,
        result::{ExecutionResult, ResultGas},
    },
    database_interface::DatabaseCommit,
    state::EvmState,
};
use transactions::{Replay, unstarted};

/// Most bytes of an answer; the run ends when its record gets longer.
pub const MAX_TRACE_BYTES: usize = 16 * 1024 * 1024;

/// Which tracer, by geth's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tracer {
    StructLog,
    Call,
    FlatCall,
    Prestate,
    FourByte,
}

/// geth's options of its tracers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct TraceOptions {
    pub tracer: Tracer,
    pub disable_stack: bool,
    pub disable_storage: bool,
    pub enable_memory: bool,
    pub enable_return_data: bool,
    /// Bytes of entries after which nothing is recorded any more; 0: no such limit.
    pub limit: u64,
    pub with_log: bool,
    pub only_top_call: bool,
    pub diff_mode: bool,
    pub disable_code: bool,
    pub convert_parity_errors: bool,
    pub include_precompiles: bool,
    pub include_empty: bool,
    /// Bytes after which the run ends with an error.
    pub most_bytes: usize,
}

/// The refusal of a trace that nobody could read.
pub(crate) fn too_large() -> Fault {
    let message = "the trace is longer than 16 MiB: trace less (disableStack, disableStorage, limit, one transaction)";
    Fault::new("trace-too-large", message)
}

impl TraceOptions {
    /// Reads `[tracer, disableStack, disableStorage, enableMemory, enableReturnData, limit, withLog, onlyTopCall,
    /// diffMode, disableCode, convertParityErrors, includePrecompiles, includeEmpty]`; the tracer is empty for struct logs.
    fn read(mut fields: Reader<'_>) -> Result<Self, Fault> {
        let tracer = match fields.bytes()? {
            b"" => Tracer::StructLog,
            b"callTracer" => Tracer::Call,
            b"flatCallTracer" => Tracer::FlatCall,
            b"prestateTracer" => Tracer::Prestate,
            b"4byteTracer" => Tracer::FourByte,
            _ => return Err(Fault::new("unknown-tracer", "no such tracer")),
        };
        let options = Self {
            tracer,
            disable_stack: fields.flag()?,
            disable_storage: fields.flag()?,
            enable_memory: fields.flag()?,
            enable_return_data: fields.flag()?,
            limit: fields.u64()?,
            with_log: fields.flag()?,
            only_top_call: fields.flag()?,
            diff_mode: fields.flag()?,
            disable_code: fields.flag()?,
            convert_parity_errors: fields.flag()?,
            include_precompiles: fields.flag()?,
            include_empty: fields.flag()?,
            most_bytes: MAX_TRACE_BYTES,
        };
        fields.end()?;
        Ok(options)
    }

    fn observer<H: Host>(&self, machine: &Machine<H>) -> Box<dyn Observer> {
        match self.tracer {
            Tracer::StructLog => Box::new(struct_log::StructLogger::new(*self)),
            Tracer::Call | Tracer::Prestate => Box::new(calls::CallTracer::new(*self)),
            Tracer::FlatCall => Box::new(flat::FlatCallTracer::new(*self, machine.precompiles())),
            Tracer::FourByte => Box::new(calls::FourByteTracer::new(*self, machine.precompiles())),
        }
    }
}

/// What a transaction is traced with beside its environment.
struct Around {
    charge: Charge,
    /// Of a deposit: its sender as it was before the mint.
    before_mint: Option<(Address, Option<AccountBody>)>,
    place: Option<Place>,
    /// Logs of the block before it.
    logs_before: usize,
}

/// Runs `env`, writes what the tracer saw of it, and returns what it changed and how many logs it wrote.
fn trace_one<H: Host>(
    machine: &mut Machine<H>,
    env: &TxEnv,
    around: Around,
    options: &TraceOptions,
    out: &mut Json,
) -> Result<(EvmState, usize), RunError> {
    let Around { charge, before_mint, place, logs_before } = around;
    // A prestate is in the changes the run returns: nobody needs to watch it.
    let (run, observer) = if options.tracer == Tracer::Prestate {
        (machine.run(env.clone(), charge), None)
    } else {
        let (run, observer) = {
            let observer = options.observer(machine);
            machine.run_observed(env.clone(), charge, observer)
        };
        if observer.is_full() {
            return Err(RunError::Database(too_large()));
        }
        (run, Some(observer))
    };
    let (result, state) = match run {
        Ok((result, state)) => (result, state),
        Err(error) if charge == Charge::Nothing && is_refusal(&error) => {
            let state = unstarted(machine, env.caller).map_err(RunError::Database)?;
            (refused(env.gas_limit), state)
        }
        Err(error) => return Err(error),
    };
    match observer {
        Some(observer) => {
            let outcome = Outcome { result: &result, gas_limit: env.gas_limit, root: root(env), place, logs_before };
            observer.finish(&outcome, out);
        }
        None => {
            let target = env.kind.to().copied();
            let always = [Some(env.caller), target, Some(machine.context().block.beneficiary)];
            let around = prestate::Around { always: always.into_iter().flatten().collect(), before_mint };
            prestate::write(machine.overlay(), &state, &around, options, out).map_err(RunError::Database)?;
        }
    }
    Ok((state, result.logs().len()))
}

/// What a deposit that cannot start comes to: all its gas is used.
fn refused(gas_limit: u64) -> ExecutionResult {
    let gas = ResultGas::default().with_total_gas_spent(gas_limit);
    ExecutionResult::Revert { gas, logs: Vec::new(), output: Bytes::new() }
}

fn root(env: &TxEnv) -> Entered {
    let (kind, to) = match env.kind {
        TxKind::Call(to) => (opcode::CALL, Some(to)),
        TxKind::Create => (opcode::CREATE, None),
    };
    let (from, input, value) = (env.caller, env.data.clone(), Some(env.value));
    Entered { kind, from, to, input, value, gas: env.gas_limit, depth: 0 }
}

/// Traces `[options, header, transactions, index]` on the state of the block's parent: the transaction at `index`, all
/// of them when it is the empty list. Answers a JSON list of results.
pub fn trace_block<H: Host>(config: Rc<Config>, host: H, request: &[u8]) -> Result<String, Fault> {
    let mut items = Reader::list_of(request)?;
    let mut options = TraceOptions::read(items.list()?)?;
    let header = Header::decode(items.bytes()?)?;
    let mut transactions = items.list()?;
    let only = crate::block::maybe(&mut items, Reader::u64)?;
    items.end()?;
    let (block_hash, block_number) = (header.hash(), header.number);
    let machine = replay(config.clone(), host, header)?;
    let mut replay = Replay { machine, config: &config, prices: None, logs: 0 };
    let mut out = Json::default();
    let mut fault = None;
    out.list(|out| {
        let mut position = 0;
        while !transactions.is_empty() && only.is_none_or(|only| position <= only) {
            let wanted = only.is_none_or(|only| position == only);
            options.most_bytes = MAX_TRACE_BYTES.saturating_sub(out.len());
            let step = transactions.bytes().and_then(|bytes| {
                let place = Place { block_hash, block_number, transaction_hash: keccak256(bytes), position };
                step(&mut replay, bytes, wanted.then_some((&options, place)), out)
            });
            if let Err(error) = step {
                let message = format!("transaction {position}: {}", error.message);
                fault = Some(Fault { message, ..error });
                return;
            }
            position += 1;
        }
        if only.is_some_and(|only| only >= position) {
            fault = Some(Fault::new("unknown-transaction", "the block has no such transaction"));
        }
    });
    match fault {
        Some(fault) => Err(fault),
        None if out.len() > MAX_TRACE_BYTES => Err(too_large()),
        None => Ok(out.into_text()),
    }
}

/// Runs one transaction of the block and applies it, traced if it is asked for.
fn step<H: Host>(
    replay: &mut Replay<'_, H>,
    bytes: &[u8],
    traced: Option<(&TraceOptions, Place)>,
    out: &mut Json,
) -> Result<(), Fault> {
    let prepared = replay.prepare(bytes)?;
    let (env, charge) = (prepared.env, prepared.charge);
    let caller = env.caller;
    let machine = &mut replay.machine;
    // EIP-7825 bounds what users sign, not deposits.
    let is_deposit = charge == Charge::Nothing;
    let cap = machine.context().cfg.tx_gas_limit_cap;
    if is_deposit {
        machine.context().cfg.tx_gas_limit_cap = Some(u64::MAX);
    }
    let run = match traced {
        Some((options, place)) => {
            let around =
                Around { charge, before_mint: prepared.before_mint, place: Some(place), logs_before: replay.logs };
            trace_one(machine, &env, around, options, out)
        }
        None => match machine.run(env, charge) {
            Err(error) if is_deposit && is_refusal(&error) => Ok((unstarted(machine, caller)?, 0)),
            run => run.map(|(result, state)| (state, result.logs().len())),
        },
    };
    machine.context().cfg.tx_gas_limit_cap = cap;
    let (state, logs) = run?;
    machine.overlay().commit(state);
    replay.logs += logs;
    Ok(())
}

/// Traces a call: `[options, request]`, the request as the export `call` takes it. Answers one result.
pub fn trace_call<H: Host>(config: &Config, host: H, request: &[u8]) -> Result<String, Fault> {
    let mut items = Reader::list_of(request)?;
    let options = TraceOptions::read(items.list()?)?;
    let call = items.bytes()?;
    items.end()?;
    let mut session = Session::open(config, host, call)?;
    let env = session.request.to_env(session.request.gas_or_most());
    let base_fee = session.machine.context().block.basefee;
    let mut out = Json::default();
    let around = Around { charge: Charge::Ethereum, before_mint: None, place: None, logs_before: 0 };
    let run = trace_one(&mut session.machine, &env, around, &options, &mut out);
    run.map_err(|error| explain(error, &env, base_fee))?;
    if out.len() > MAX_TRACE_BYTES { Err(too_large()) } else { Ok(out.into_text()) }
}
