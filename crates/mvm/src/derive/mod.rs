//! From L1 to block inputs: the one step that decides what a batch means (docs/spec/derivation.md). Pure and total: for
//! consistent input there is always a list of blocks.

mod blobs;
mod cursor;
mod fallback;
mod inflate;
mod payload;
mod reason;
mod request;
mod rules;
#[cfg(test)]
mod tests;
mod transactions;
mod validity;

pub use reason::Reason;
pub use request::{Anchor, Data, Parent, Request};

use crate::{
    error::Fault,
    rlp,
    types::{BlockInputs, merkle_root},
};
use alloc::vec::Vec;
use alloy_primitives::B256;

/// What a batch derives to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Why the blocks are deposits-only; `None` when the payload is good.
    pub reason: Option<Reason>,
    /// At least one block.
    pub blocks: Vec<BlockInputs>,
    /// Output roots as the payload claims them, one a block; empty when it is bad.
    pub claimed_outputs: Vec<B256>,
    /// Merkle root over the blocks' leaves.
    pub inputs_root: B256,
    /// Merkle root over the claimed output roots; zero when there are none.
    pub outputs_root: B256,
}

/// Derives a batch. The only failures are inputs that contradict one another, see [`Request::check`].
pub fn derive(request: &Request<'_>) -> Result<Derived, Fault> {
    request.check()?;
    let (reason, blocks, claimed_outputs) = match rules::blocks(request) {
        Ok((blocks, outputs)) => (None, blocks, outputs),
        Err(reason) => (Some(reason), fallback::blocks(request), Vec::new()),
    };
    let inputs_root = merkle_root(blocks.iter().map(BlockInputs::leaf)).unwrap_or_default();
    let outputs_root = merkle_root(claimed_outputs.iter().copied()).unwrap_or_default();
    Ok(Derived { reason, blocks, claimed_outputs, inputs_root, outputs_root })
}

impl Derived {
    /// RLP `[reason, [block...], [claimed output root...], inputsRoot, outputsRoot]`; the reason is empty when there is none.
    pub fn encode(&self) -> Vec<u8> {
        rlp::list(|out| {
            rlp::put_bytes(out, self.reason.map_or("", Reason::code).as_bytes());
            rlp::put_list(out, |out| self.blocks.iter().for_each(|block| block.put(out)));
            rlp::put_list(out, |out| self.claimed_outputs.iter().for_each(|root| rlp::put(out, root)));
            rlp::put(out, self.inputs_root);
            rlp::put(out, self.outputs_root);
        })
    }
}

/// The kernel's export: RLP request (derivation.md, "Interface") to RLP response.
pub fn derive_encoded(request: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(derive(&Request::decode(request)?)?.encode())
}
