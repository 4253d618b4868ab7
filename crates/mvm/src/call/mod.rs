//! Calls that change nothing: eth_call, eth_estimateGas, eth_createAccessList.

mod access_list;
mod estimate;
mod overrides;
mod request;

pub use access_list::create_access_list;
pub use estimate::estimate_gas;
pub(crate) use overrides::apply_state as apply_state_overrides;
pub use request::CallRequest;

use crate::{
    block::{block_env, cfg_env},
    config::Config,
    error::Fault,
    evm::{Charge, Machine, RunError},
    header::Header,
    rlp::{self, Reader},
    state::{Host, Overlay},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use alloy_primitives::Bytes;
use revm::{
    context::{TxEnv, result::EVMError, result::ExecutionResult},
    context_interface::result::InvalidTransaction,
};

/// Gas of a call that names none, and the most that one gets.
pub const MAX_CALL_GAS: u64 = 50_000_000;

/// A machine on a block's state with the request and its overrides read.
pub(crate) struct Session<H: Host> {
    pub(crate) machine: Machine<H>,
    pub(crate) request: CallRequest,
    header: Header,
}

impl<H: Host> Session<H> {
    /// Reads `[header, call, state overrides, block overrides]`.
    pub(crate) fn open(config: &Config, host: H, request: &[u8]) -> Result<Self, Fault> {
        let mut items = Reader::list_of(request)?;
        let header = Header::decode(items.bytes()?)?;
        let call = CallRequest::read(items.list()?)?;
        let mut cfg = cfg_env(config, header.number, header.timestamp);
        cfg.tx_chain_id_check = false;
        cfg.disable_nonce_check = true;
        cfg.disable_eip3607 = true;
        cfg.disable_block_gas_limit = true;
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        cfg.disable_base_fee = call.names_no_fee();
        let mut block = block_env(config, &header);
        let mut overlay = Overlay::new(host);
        overrides::apply_state(&mut overlay, items.list()?)?;
        overrides::apply_block(&mut block, items.list()?)?;
        items.end()?;
        if cfg.disable_base_fee {
            block.basefee = 0;
        }
        Ok(Self { machine: Machine::new(overlay, cfg, block), request: call, header })
    }

    /// Runs the call with this gas; nothing is kept.
    fn run(&mut self, gas: u64) -> Result<ExecutionResult, RunError> {
        let env = self.request.to_env(gas);
        Ok(self.machine.run(env, Charge::Ethereum)?.0)
    }
}

/// What a call came to.
#[derive(Clone, Debug)]
pub struct CallOutcome {
    /// 0 success, 1 revert, 2 halt.
    pub status: u8,
    /// Returned or revert data.
    pub output: Bytes,
    /// Gas used.
    pub gas_used: u64,
    /// Why it halted.
    pub halt_reason: String,
}

impl From<ExecutionResult> for CallOutcome {
    fn from(result: ExecutionResult) -> Self {
        let gas_used = result.tx_gas_used();
        match result {
            ExecutionResult::Success { output, .. } => {
                Self { status: 0, output: output.into_data(), gas_used, halt_reason: String::new() }
            }
            ExecutionResult::Revert { output, .. } => Self { status: 1, output, gas_used, halt_reason: String::new() },
            ExecutionResult::Halt { reason, .. } => {
                Self { status: 2, output: Bytes::new(), gas_used, halt_reason: halt_words(&reason) }
            }
        }
    }
}

impl CallOutcome {
    /// Appends `status, output, gasUsed, haltReason`.
    pub fn put(&self, out: &mut Vec<u8>) {
        rlp::put(out, self.status);
        rlp::put(out, &self.output);
        rlp::put(out, self.gas_used);
        rlp::put_bytes(out, self.halt_reason.as_bytes());
    }
}

/// The words geth uses for a halt, which wallets know.
pub(crate) fn halt_words(reason: &revm::context_interface::result::HaltReason) -> String {
    use revm::context_interface::result::HaltReason as H;
    match reason {
        H::OutOfGas(_) => "out of gas".into(),
        H::OpcodeNotFound | H::NotActivated | H::InvalidFEOpcode => "invalid opcode".into(),
        H::InvalidJump => "invalid jump destination".into(),
        H::StackUnderflow => "stack underflow".into(),
        H::StackOverflow => "stack limit reached".into(),
        H::OutOfOffset => "return data out of bounds".into(),
        H::CreateCollision => "contract address collision".into(),
        H::CreateContractSizeLimit => "max code size exceeded".into(),
        H::CreateContractStartingWithEF => "invalid code: must not begin with 0xef".into(),
        H::CreateInitCodeSizeLimit => "max initcode size exceeded".into(),
        H::StateChangeDuringStaticCall | H::CallNotAllowedInsideStatic => "write protection".into(),
        H::OutOfFunds => "insufficient balance for transfer".into(),
        H::CallTooDeep => "max call depth exceeded".into(),
        H::NonceOverflow => "nonce uint64 overflow".into(),
        H::PrecompileErrorWithContext(said) => said.clone(),
        H::PrecompileError => "precompile failed".into(),
        other => format!("{other:?}"),
    }
}

/// A refusal in the words wallets know from geth.
pub(crate) fn explain(error: RunError, tx: &TxEnv, base_fee: u64) -> Fault {
    use InvalidTransaction as T;
    let EVMError::Transaction(refusal) = &error else { return error.into() };
    let (address, cap, tip) = (tx.caller, tx.gas_price, tx.gas_priority_fee.unwrap_or_default());
    let message = match refusal {
        T::LackOfFundForMaxFee { fee, balance } => {
            format!("insufficient funds for gas * price + value: address {address} have {balance} want {fee}")
        }
        T::GasPriceLessThanBasefee => {
            format!(
                "max fee per gas less than block base fee: address {address}, maxFeePerGas: {cap}, baseFee: {base_fee}"
            )
        }
        T::PriorityFeeGreaterThanMaxFee => {
            format!(
                "max priority fee per gas higher than max fee per gas: address {address}, maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}"
            )
        }
        T::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        T::GasFloorMoreThanGasLimit { gas_floor, gas_limit } => {
            format!("insufficient gas for floor data gas cost: have {gas_limit}, want {gas_floor}")
        }
        T::NonceTooLow { tx, state } => format!("nonce too low: address {address}, tx: {tx} state: {state}"),
        T::NonceTooHigh { tx, state } => format!("nonce too high: address {address}, tx: {tx} state: {state}"),
        T::NonceOverflowInTransaction => format!("nonce has max value: address {address}, nonce: {}", tx.nonce),
        other => other.to_string(),
    };
    Fault { message, ..error.into() }
}

/// Runs `[header, call, state overrides, block overrides]`.
pub fn call<H: Host>(config: &Config, host: H, request: &[u8]) -> Result<CallOutcome, Fault> {
    let mut session = Session::open(config, host, request)?;
    let gas = session.request.gas_or_most();
    let env = session.request.to_env(gas);
    let base_fee = session.machine.context().block.basefee;
    session.run(gas).map(CallOutcome::from).map_err(|error| explain(error, &env, base_fee))
}
