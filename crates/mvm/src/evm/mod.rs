//! The machine: revm over a block's overlay.

mod handler;
mod observe;
mod refusal;
mod simulation;

pub use handler::{Charge, Runner};
pub use refusal::is_refusal;
use simulation::Simulation;
pub use simulation::TRANSFER_LOG_ADDRESS;

use crate::{
    error::Fault,
    interpreter,
    state::{Host, Overlay},
    trace::Observer,
};
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{Address, Bytes, TxKind, U256};
use revm::{
    Context, Journal,
    context::{BlockEnv, CfgEnv, Evm, JournalTr, TxEnv, result::EVMError, result::ExecutionResult},
    context_interface::{ContextSetters, FrameStack, context::ContextError},
    database_interface::DatabaseCommit,
    handler::{
        EthFrame, EthPrecompiles, EvmTr, FrameInitOrResult, FrameResult, Handler, ItemOrResult, evm::FrameInitResult,
        instructions::EthInstructions,
    },
    interpreter::{FrameInput, interpreter::EthInterpreter, interpreter_action::FrameInit},
    primitives::{constants::CALL_STACK_LIMIT, hardfork::SpecId},
    state::EvmState,
};

/// revm's context over an overlay.
pub type MachineContext<H> = Context<BlockEnv, TxEnv, CfgEnv, Overlay<H>, Journal<Overlay<H>>, ()>;
/// Who is told of frames and instructions, if anybody.
type Watcher = Option<Box<dyn Observer>>;
type Inner<H> =
    Evm<MachineContext<H>, Watcher, EthInstructions<EthInterpreter, MachineContext<H>>, EthPrecompiles, EthFrame>;

/// Why a transaction did not run at all.
pub type RunError = EVMError<Fault>;

/// Caller of system contracts (EIP-4788 and others).
pub const SYSTEM_ADDRESS: Address = revm::handler::SYSTEM_ADDRESS;
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// An EVM with the state of one block.
#[allow(missing_debug_implementations)]
pub struct Machine<H: Host>(Inner<H>, Simulation);

impl<H: Host> Machine<H> {
    /// A machine with these rules and block values.
    pub fn new(overlay: Overlay<H>, cfg: CfgEnv, block: BlockEnv) -> Self {
        let spec: SpecId = cfg.spec;
        let mut context: MachineContext<H> = Context::new(overlay, spec);
        context.cfg = cfg;
        context.block = block;
        let instructions = EthInstructions::new_mainnet_with_spec(spec);
        let precompiles = EthPrecompiles::new(spec);
        Self(Evm::new_with_inspector(context, None, instructions, precompiles), Simulation::default())
    }

    /// State of the block.
    pub fn overlay(&mut self) -> &mut Overlay<H> {
        self.0.ctx.journaled_state.db_mut()
    }

    /// Gives the state back.
    pub fn into_overlay(self) -> Overlay<H> {
        self.0.ctx.journaled_state.database
    }

    /// revm's context.
    pub fn context(&mut self) -> &mut MachineContext<H> {
        &mut self.0.ctx
    }

    /// Addresses of the fork's precompiles.
    pub fn precompiles(&self) -> Vec<Address> {
        self.0.precompiles.precompiles.addresses().copied().collect()
    }

    /// Runs a transaction; its changes are returned, not yet applied.
    pub fn run(&mut self, tx: TxEnv, charge: Charge) -> Result<(ExecutionResult, EvmState), RunError> {
        self.0.ctx.set_tx(tx);
        let result = Runner::new(charge).run(self);
        let state = self.0.ctx.journaled_state.finalize();
        result.map(|result| (result, state))
    }

    /// Runs a transaction and applies its changes to the overlay.
    pub fn run_and_apply(&mut self, tx: TxEnv, charge: Charge) -> Result<ExecutionResult, RunError> {
        let (result, state) = self.run(tx, charge)?;
        self.overlay().commit(state);
        Ok(result)
    }

    /// Calls a system contract with `data` and applies its changes.
    pub fn system_call(&mut self, contract: Address, data: Bytes) -> Result<ExecutionResult, RunError> {
        let tx = TxEnv {
            caller: SYSTEM_ADDRESS,
            kind: TxKind::Call(contract),
            data,
            gas_limit: SYSTEM_CALL_GAS,
            gas_price: 0,
            ..TxEnv::default()
        };
        self.0.ctx.set_tx(tx);
        let result = Runner::new(Charge::Nothing).run_system_call(self);
        let state = self.0.ctx.journaled_state.finalize();
        let result = result?;
        self.overlay().commit(state);
        Ok(result)
    }

    /// The address `init` would create at, when that must collide by EIP-7610: it has storage, though no nonce and no code.
    fn storage_collision(&mut self, init: &FrameInit) -> Result<Option<Address>, Fault> {
        let FrameInput::Create(inputs) = &init.frame_input else { return Ok(None) };
        let journal = &mut self.0.ctx.journaled_state;
        let caller = &journal.load_account(inputs.caller())?.info;
        if init.depth > CALL_STACK_LIMIT as usize || caller.balance < inputs.value() || caller.nonce == u64::MAX {
            return Ok(None);
        }
        let address = inputs.created_address(caller.nonce);
        if !journal.db_mut().has_storage(&address)? {
            return Ok(None);
        }
        let info = &journal.load_account(address)?.info;
        Ok((info.nonce == 0 && info.is_empty_code_hash()).then_some(address))
    }

    /// Starts a frame by Ethereum's rules.
    fn plain_frame(&mut self, init: FrameInit) -> Result<FrameInitResult<'_, EthFrame>, ContextError<Fault>> {
        // revm looks at nonce and code alone, so the nonce is raised for as long as it looks.
        let Some(address) = self.storage_collision(&init)? else { return self.0.frame_init(init) };
        self.overwrite_nonce(&address, 1);
        let ItemOrResult::Result(result) = self.0.frame_init(init)? else {
            unreachable!("a collision starts no frame")
        };
        self.overwrite_nonce(&address, 0);
        Ok(ItemOrResult::Result(result))
    }

    /// Raises or lowers a nonce behind the journal's back.
    fn overwrite_nonce(&mut self, address: &Address, nonce: u64) {
        let account = self.0.ctx.journaled_state.inner.state.get_mut(address);
        account.expect("loaded by storage_collision").info.nonce = nonce;
    }
}

impl<H: Host> EvmTr for Machine<H> {
    type Context = MachineContext<H>;
    type Instructions = EthInstructions<EthInterpreter, MachineContext<H>>;
    type Precompiles = EthPrecompiles;
    type Frame = EthFrame;

    fn all(&self) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>) {
        self.0.all()
    }

    fn all_mut(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut FrameStack<Self::Frame>) {
        self.0.all_mut()
    }

    fn frame_init(&mut self, init: FrameInit) -> Result<FrameInitResult<'_, EthFrame>, ContextError<Fault>> {
        if self.is_observed() {
            self.observed_frame(init)
        } else if self.1.is_active() {
            self.simulated_frame(init)
        } else {
            self.plain_frame(init)
        }
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<EthFrame>, ContextError<Fault>> {
        if self.is_observed() {
            return self.observed_run();
        }
        let frame = self.0.frame_stack.get();
        let (context, instructions) = (&mut self.0.ctx, &self.0.instruction);
        let action = interpreter::run(
            &mut frame.interpreter,
            instructions.instruction_table(),
            instructions.gas_table(),
            context,
        );
        self.1.before_step_ends(&action, context);
        let next = frame.process_next_action::<_, ContextError<Fault>>(context, action)?;
        self.1.after_step_ended(context);
        if next.is_result() {
            frame.set_finished(true);
        }
        Ok(next)
    }

    fn frame_return_result(&mut self, result: FrameResult) -> Result<Option<FrameResult>, ContextError<Fault>> {
        self.0.frame_return_result(result)
    }
}

/// `a x b` that stays within 256 bits.
pub fn fee(price: u128, gas: u64) -> U256 {
    U256::from(price).saturating_mul(U256::from(gas))
}
