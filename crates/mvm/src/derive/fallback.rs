//! Deposits-only blocks, for a batch without a good payload (docs/spec/derivation.md).

use super::{Request, rules::Walk};
use crate::types::{BlockInputs, FLAG_FALLBACK};
use alloc::vec::Vec;

/// Always at least one block; together they consume every deposit up to the header's anchor.
pub(super) fn blocks(request: &Request<'_>) -> Vec<BlockInputs> {
    let mut walk = Walk::new(request);
    walk.set_generation(request.header.generation);
    loop {
        let step = longest_step(&walk, request);
        let time = walk.time().saturating_add(1).max(walk.anchor_after(step).time);
        walk.advance(step, time).flags = FLAG_FALLBACK;
        if walk.steps_left() == 0 {
            return walk.end();
        }
    }
}

/// Most L1 blocks, up to maxAnchorStep, whose deposits fit depositGasLimit; one always fits. 0 at the header's anchor.
fn longest_step(walk: &Walk<'_>, request: &Request<'_>) -> usize {
    let most = walk.steps_left().min(usize::try_from(request.config.max_anchor_step).unwrap_or(usize::MAX)).max(1);
    let limit = u128::from(request.config.deposit_gas_limit);
    if walk.steps_left() == 0 {
        return 0;
    }
    (1..=most).rev().find(|step| *step == 1 || walk.deposit_gas(*step) <= limit).unwrap_or(1)
}
