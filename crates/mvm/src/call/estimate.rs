//! eth_estimateGas.

use super::{CallOutcome, MAX_CALL_GAS, Session, explain};
use crate::{config::Config, error::Fault, state::Host};
use alloy_primitives::U256;
use revm::{context::result::EVMError, primitives::eip7825::TX_GAS_LIMIT_CAP};
use revm::{context::result::ExecutionResult, context_interface::result::InvalidTransaction};

/// Least gas of any transaction.
const TRANSFER_GAS: u64 = 21_000;
/// Gas a call with value hands on beside its own.
const CALL_STIPEND: u64 = 2_300;

/// The least gas with which the call succeeds, within 1.5 %, and the outcome with the most gas; when that fails the
/// estimate is meaningless and the outcome says why.
pub fn estimate_gas<H: Host>(config: &Config, host: H, request: &[u8]) -> Result<(CallOutcome, u64), Fault> {
    let mut session = Session::open(config, host, request)?;
    let mut high = ceiling(config, &mut session)?;
    let env = session.request.to_env(high);
    let base_fee = session.machine.context().block.basefee;
    if session.request.data.is_empty()
        && is_plain_transfer(&mut session)?
        && let Ok(result @ ExecutionResult::Success { .. }) = session.run(TRANSFER_GAS)
    {
        return Ok((result.into(), TRANSFER_GAS));
    }
    let result = session.run(high).map_err(|error| explain(error, &env, base_fee))?;
    let (used, refund) = (result.tx_gas_used(), result.gas().final_refunded());
    let outcome = CallOutcome::from(result);
    if outcome.status != 0 {
        return Ok((outcome, high));
    }
    // Each call keeps a 64th of the gas back, so the first guess allows for one such level.
    let mut low = used.saturating_sub(1);
    let guess = (used + refund + CALL_STIPEND) * 64 / 63;
    if guess < high {
        if suffices(&mut session, guess)? { high = guess } else { low = guess }
    }
    while low + 1 < high {
        if (high - low) as f64 / (high as f64) < 0.015 {
            break;
        }
        // Most calls need little more than they use: lean to the lower end.
        let middle = (low + (high - low) / 2).min(low.saturating_mul(2));
        if suffices(&mut session, middle)? { high = middle } else { low = middle }
    }
    Ok((outcome, high))
}

fn is_plain_transfer<H: Host>(session: &mut Session<H>) -> Result<bool, Fault> {
    let Some(to) = session.request.to else { return Ok(false) };
    if session.request.authorizations.is_some() || session.request.access_list.is_some() {
        return Ok(false);
    }
    let account = session.machine.overlay().account(&to)?;
    Ok(account.is_none_or(|body| body.code_hash == alloy_primitives::KECCAK256_EMPTY))
}

fn suffices<H: Host>(session: &mut Session<H>, gas: u64) -> Result<bool, Fault> {
    match session.run(gas) {
        Ok(result) => Ok(result.is_success()),
        Err(EVMError::Transaction(
            InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
            | InvalidTransaction::GasFloorMoreThanGasLimit { .. },
        )) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The most gas the sender may and can pay for.
fn ceiling<H: Host>(config: &Config, session: &mut Session<H>) -> Result<u64, Fault> {
    let fork = config.fork_at(session.header.number, session.header.timestamp);
    let block_limit = session.machine.context().block.gas_limit;
    let limit = session.request.gas.filter(|gas| *gas >= TRANSFER_GAS).unwrap_or(block_limit);
    let limit = limit.min(MAX_CALL_GAS);
    let limit = if fork >= crate::fork::Fork::Osaka { limit.min(TX_GAS_LIMIT_CAP) } else { limit };
    let cap = U256::from(session.request.fee_cap());
    if cap.is_zero() {
        return Ok(limit);
    }
    let from = session.request.from.unwrap_or_default();
    let balance = session.machine.overlay().account(&from)?.unwrap_or_default().balance;
    let Some(spendable) = balance.checked_sub(session.request.value) else {
        return Err(Fault::new("insufficient-funds", "insufficient funds for transfer"));
    };
    Ok(u64::try_from(spendable / cap).unwrap_or(u64::MAX).min(limit))
}
