//! A payload's blocks, checked rule by rule (docs/spec/derivation.md).

use super::{
    Data, Reason, Request, blobs,
    payload::{self, PayloadBlock},
    request::Anchor,
    validity,
};
use crate::{
    transaction::SignedTransaction,
    types::{BlockInputs, Deposit, FLAG_BATCH_END},
};
use alloc::{borrow::Cow, vec::Vec};
use alloy_primitives::{B256, Bytes};

/// The blocks of a good payload and the output roots it claims.
pub(super) fn blocks(request: &Request<'_>) -> Result<(Vec<BlockInputs>, Vec<B256>), Reason> {
    let payload = payload_bytes(request)?;
    if payload.is_empty() || payload.len() != request.header.payload_size as usize {
        return Err(Reason::PayloadSize);
    }
    let max_size = usize::try_from(request.config.max_batch_bytes).unwrap_or(usize::MAX / 4);
    let decoded = payload::decode(&payload, max_size, request.config.l2_chain_id)?;
    let mut walk = Walk::new(request);
    for block in &decoded {
        walk.push(block)?;
    }
    let outputs = decoded.iter().map(|block| block.output_root).collect();
    Ok((walk.finish()?, outputs))
}

fn payload_bytes<'a>(request: &Request<'a>) -> Result<Cow<'a, [u8]>, Reason> {
    match &request.data {
        Data::None => Err(Reason::NoData),
        Data::Withheld => Err(Reason::Withheld),
        Data::Payload(payload) => Ok(Cow::Borrowed(*payload)),
        Data::Blobs(blobs) => blobs::unpack(blobs, request.header.payload_size as usize).map(Cow::Owned),
    }
}

/// Walks through a batch block by block; also used for deposits-only blocks.
pub(super) struct Walk<'a> {
    request: &'a Request<'a>,
    time: u64,
    generation: u32,
    /// Position of the last block's anchor in `request.anchors`.
    anchor: usize,
    /// Deposits not consumed yet.
    deposits: &'a [Deposit],
    blocks: Vec<BlockInputs>,
    left_epoch: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Self {
        Self {
            request,
            time: request.parent.time,
            generation: request.parent.generation,
            anchor: 0,
            deposits: &request.deposits,
            blocks: Vec::new(),
            left_epoch: false,
        }
    }

    fn push(&mut self, block: &PayloadBlock) -> Result<(), Reason> {
        let config = &self.request.config;
        if self.left_epoch {
            return Err(Reason::Epoch);
        }
        if block.size as u64 > config.max_block_bytes {
            return Err(Reason::BlockTooLarge);
        }
        let step = usize::try_from(block.anchor_step).map_err(|_| Reason::Anchor)?;
        if block.anchor_step > config.max_anchor_step || step >= self.request.anchors.len() - self.anchor {
            return Err(Reason::Anchor);
        }
        if step > 1 && self.deposit_gas(step) > u128::from(config.deposit_gas_limit) {
            return Err(Reason::DepositGas);
        }
        let anchor = self.request.anchors[self.anchor + step];
        let time = self.time.checked_add(block.time_step).ok_or(Reason::Time)?;
        if block.time_step == 0 || time < anchor.time {
            return Err(Reason::Time);
        }
        if time - anchor.time > config.max_drift && !block.transactions.is_empty() {
            return Err(Reason::Drift);
        }
        let generation = u64::from(self.generation).checked_add(block.generation_step).ok_or(Reason::Generation)?;
        if generation > u64::from(self.request.header.generation) {
            return Err(Reason::Generation);
        }
        block.transactions.iter().try_for_each(validity::check)?;
        // The bound above makes this exact.
        self.generation = generation as u32;
        let inputs = self.advance(step, time);
        inputs.proposer = block.proposer;
        inputs.rate = block.rate;
        inputs.attendance = block.attendance.clone();
        inputs.transactions = block.transactions.iter().map(SignedTransaction::encode).map(Bytes::from).collect();
        self.left_epoch = self.epoch(anchor) != self.epoch(self.request.anchors[0]);
        Ok(())
    }

    fn epoch(&self, anchor: Anchor) -> u64 {
        let config = &self.request.config;
        (anchor.number - config.genesis_anchor_number) / config.epoch_length
    }

    /// L1 blocks left before the header's anchor.
    pub(super) fn steps_left(&self) -> usize {
        self.request.anchors.len() - 1 - self.anchor
    }

    /// The anchor `step` blocks on.
    pub(super) fn anchor_after(&self, step: usize) -> Anchor {
        self.request.anchors[self.anchor + step]
    }

    /// Time of the last block.
    pub(super) const fn time(&self) -> u64 {
        self.time
    }

    pub(super) fn set_generation(&mut self, generation: u32) {
        self.generation = generation;
    }

    fn deposits_up_to(&self, step: usize) -> usize {
        let anchor = self.anchor_after(step).number;
        self.deposits.partition_point(|deposit| deposit.l1_block_number <= anchor)
    }

    /// Gas of the deposits in the next `step` L1 blocks.
    pub(super) fn deposit_gas(&self, step: usize) -> u128 {
        self.deposits[..self.deposits_up_to(step)].iter().map(|deposit| u128::from(deposit.gas_limit)).sum()
    }

    /// Appends a block without user content that moves the anchor by `step`.
    pub(super) fn advance(&mut self, step: usize, time: u64) -> &mut BlockInputs {
        let request = self.request;
        let consumed = self.deposits_up_to(step);
        let deposit_start = request.header.deposit_count - self.deposits.len() as u64;
        let anchor = self.anchor_after(step);
        self.anchor += step;
        self.time = time;
        self.deposits = &self.deposits[consumed..];
        self.blocks.push(BlockInputs {
            number: request.parent.number.saturating_add(self.blocks.len() as u64 + 1),
            time,
            generation: self.generation,
            flags: 0,
            proposer: Default::default(),
            anchor_number: anchor.number,
            anchor_hash: anchor.hash,
            deposit_start,
            deposit_end: deposit_start + consumed as u64,
            rate: Default::default(),
            attendance: Bytes::new(),
            transactions: Vec::new(),
        });
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    /// The payload ends where the header says (`header-mismatch`).
    fn finish(self) -> Result<Vec<BlockInputs>, Reason> {
        if self.steps_left() != 0 || self.time != self.request.header.last_timestamp {
            return Err(Reason::HeaderMismatch);
        }
        Ok(self.end())
    }

    /// Flags the last block and hands all of them out.
    pub(super) fn end(mut self) -> Vec<BlockInputs> {
        if let Some(last) = self.blocks.last_mut() {
            last.flags |= FLAG_BATCH_END;
        }
        self.blocks
    }
}
