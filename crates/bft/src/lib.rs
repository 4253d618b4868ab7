//! Malachite's Tendermint core as a reducer: `step(input) -> events`. Everything around it (network, disk, time, keys) is the
//! host's. One core per member; a process may hold several, as the simulator does.

// The core's error type is large; errors are rare here.
#![allow(clippy::result_large_err)]

mod context;
mod effects;
mod hex;
mod host;
mod wire;

use std::cell::RefCell;

use arc_malachitebft_core_consensus as consensus;
use consensus::{Error, Input, Params, State};
use serde::Deserialize;

use context::{Address, Ctx, Height, MemberSet};
use effects::{Event, emit, handle};
use wire::InputForm;

/// Inputs kept for heights not yet begun, and for one of them.
const QUEUED_HEIGHTS: usize = 64;
const QUEUED_PER_HEIGHT: usize = 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Creation {
    address: Address,
    domain: Address32,
    height: u64,
    set: MemberSet,
}

#[derive(Copy, Clone)]
struct Address32([u8; 32]);
hex::as_hex!(Address32, 32);

thread_local! { static CORES: RefCell<Vec<Option<State<Ctx>>>> = const { RefCell::new(Vec::new()) }; }

fn fail(reason: String) -> i32 {
    emit(&Event::Failed { reason });
    -1
}

fn create(json: &[u8]) -> Result<usize, String> {
    let creation: Creation = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    creation.set.check()?;
    let params = Params {
        address: creation.address,
        threshold_params: Default::default(),
        value_payload: arc_malachitebft_core_types::ValuePayload::ProposalAndParts,
        enabled: true,
    };
    let ctx = Ctx { domain: creation.domain.0 };
    let state = State::new(ctx, Height(creation.height), creation.set, params, QUEUED_HEIGHTS, QUEUED_PER_HEIGHT);
    CORES.with_borrow_mut(|cores| match cores.iter().position(Option::is_none) {
        Some(free) => {
            cores[free] = Some(state);
            Ok(free)
        }
        None => {
            cores.push(Some(state));
            Ok(cores.len() - 1)
        }
    })
}

fn process(state: &mut State<Ctx>, input: Input<Ctx>) -> Result<(), Error<Ctx>> {
    let ctx = state.ctx.clone();
    let metrics = ();
    consensus::process!(input: input, state: state, metrics: &metrics, with: effect => handle(&ctx, effect))
}

fn with_core(core: usize, run: impl FnOnce(&mut State<Ctx>) -> Result<(), String>) -> i32 {
    let result = CORES.with_borrow_mut(|cores| match cores.get_mut(core).and_then(Option::as_mut) {
        Some(state) => run(state),
        None => Err(format!("no core {core}")),
    });
    result.map_or_else(fail, |()| 0)
}

fn step(core: usize, json: &[u8]) -> i32 {
    with_core(core, |state| {
        let form: InputForm = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        process(state, form.into_input()?).map_err(|error| error.to_string())
    })
}

/// Feeds the log of the interrupted height back, after `start` with `restart`.
fn replay(core: usize, json: &[u8]) -> i32 {
    with_core(core, |state| {
        let forms: Vec<InputForm> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let inputs = forms.into_iter().map(InputForm::into_input).collect::<Result<Vec<_>, _>>()?;
        state.index_wal_entries(inputs.iter());
        state.record_recovered_own_precommit_extensions(inputs.iter());
        let outcome = inputs.into_iter().try_for_each(|input| process(state, input));
        state.reset_entries_index();
        outcome.map_err(|error| error.to_string())
    })
}

mod exports {
    use super::*;

    /// Memory for one request; the export that takes it frees it.
    #[unsafe(no_mangle)]
    pub extern "C" fn bft_alloc(length: usize) -> *mut u8 {
        Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
    }

    fn take(request: *mut u8, length: usize) -> Box<[u8]> {
        // SAFETY: the host passes what bft_alloc returned with the same length, once.
        unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(request, length)) }
    }

    /// A new core from `{address, domain, height, set}`; its handle, or -1 after a `failed` event.
    #[unsafe(no_mangle)]
    pub extern "C" fn bft_create(request: *mut u8, length: usize) -> i32 {
        create(&take(request, length)).map_or_else(fail, |core| core as i32)
    }

    /// Frees a core; its handle may be given out again.
    #[unsafe(no_mangle)]
    pub extern "C" fn bft_destroy(core: usize) {
        CORES.with_borrow_mut(|cores| {
            if let Some(slot) = cores.get_mut(core) {
                *slot = None;
            }
        });
    }

    /// Runs one input to the end; 0, or -1 after a `failed` event.
    #[unsafe(no_mangle)]
    pub extern "C" fn bft_step(core: usize, request: *mut u8, length: usize) -> i32 {
        step(core, &take(request, length))
    }

    /// Replays log entries; 0, or -1 after a `failed` event.
    #[unsafe(no_mangle)]
    pub extern "C" fn bft_replay(core: usize, request: *mut u8, length: usize) -> i32 {
        replay(core, &take(request, length))
    }
}

#[cfg(test)]
mod tests;
