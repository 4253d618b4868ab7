//! The columns of blocks (docs/spec/payload.md).

use super::{Reason, cursor::Cursor, inflate::inflate, transactions};
use crate::transaction::SignedTransaction;
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256};

const VERSION: u8 = 1;
const MAX_RATE_LENGTH: u8 = 16;
const MAX_ATTENDANCE: usize = 64;
/// What `size(block)` counts beside the transactions.
const BLOCK_OVERHEAD: usize = 200;
/// Least bytes a block takes: five varints and an output root.
const MIN_BLOCK: usize = 5 + 32;

/// A block as the payload has it; differences are to the block before.
#[derive(Clone, Debug, Default)]
pub(super) struct PayloadBlock {
    pub(super) time_step: u64,
    pub(super) anchor_step: u64,
    pub(super) generation_step: u64,
    pub(super) proposer: Address,
    pub(super) rate: U256,
    pub(super) attendance: Bytes,
    pub(super) transactions: Vec<SignedTransaction>,
    pub(super) output_root: B256,
    /// `size(block)`.
    pub(super) size: usize,
}

/// Decodes a payload whose content is at most `max_size` bytes; at least one block.
pub(super) fn decode(payload: &[u8], max_size: usize, chain_id: u64) -> Result<Vec<PayloadBlock>, Reason> {
    match payload.split_first() {
        Some((&VERSION, stream)) => blocks(&inflate(stream, max_size)?, chain_id),
        _ => Err(Reason::PayloadVersion),
    }
}

fn blocks(content: &[u8], chain_id: u64) -> Result<Vec<PayloadBlock>, Reason> {
    let mut cursor = Cursor::new(content);
    let count = cursor.count(MIN_BLOCK)?;
    if count == 0 {
        return Err(Reason::Encoding);
    }
    let mut blocks = Vec::new();
    blocks.resize_with(count, PayloadBlock::default);
    for block in &mut blocks {
        block.time_step = cursor.varint()?;
    }
    for block in &mut blocks {
        block.anchor_step = cursor.varint()?;
    }
    for block in &mut blocks {
        block.generation_step = cursor.varint()?;
    }
    proposers(&mut cursor, &mut blocks)?;
    for block in blocks.iter_mut().filter(|block| block.anchor_step != 0) {
        block.rate = cursor.uint(MAX_RATE_LENGTH)?;
    }
    for block in blocks.iter_mut().filter(|block| block.anchor_step != 0) {
        let length = cursor.count(1)?;
        if length > MAX_ATTENDANCE {
            return Err(Reason::Encoding);
        }
        block.attendance = Bytes::copy_from_slice(cursor.take(length)?);
    }
    let mut counts = Vec::with_capacity(count);
    for _ in 0..count {
        counts.push(cursor.count(transactions::MIN_SIZE)?);
    }
    for block in &mut blocks {
        block.output_root = cursor.b256()?;
    }
    place(transactions::decode(cursor, counts.iter().sum(), chain_id)?, &counts, &mut blocks);
    Ok(blocks)
}

/// The list of proposers in the order of their first block, then each block's position in it.
fn proposers(cursor: &mut Cursor<'_>, blocks: &mut [PayloadBlock]) -> Result<(), Reason> {
    let count = cursor.count(20)?;
    let mut list: Vec<Address> = Vec::with_capacity(count.min(blocks.len()));
    for _ in 0..count {
        let proposer = cursor.address()?;
        if proposer.is_zero() {
            return Err(Reason::Encoding);
        }
        list.push(proposer);
    }
    let mut used = 0;
    for block in blocks {
        let position = usize::try_from(cursor.varint()?).map_err(|_| Reason::Encoding)?;
        if position > used {
            return Err(Reason::Encoding);
        }
        block.proposer = *list.get(position).ok_or(Reason::Encoding)?;
        used = used.max(position + 1);
    }
    list.sort_unstable();
    let repeated = list.windows(2).any(|pair| pair[0] == pair[1]);
    if used == count && !repeated { Ok(()) } else { Err(Reason::Encoding) }
}

fn place(transactions: Vec<transactions::Sized>, counts: &[usize], blocks: &mut [PayloadBlock]) {
    let mut transactions = transactions.into_iter();
    for (block, count) in blocks.iter_mut().zip(counts) {
        block.size = BLOCK_OVERHEAD;
        for transactions::Sized { transaction, size } in transactions.by_ref().take(*count) {
            block.size += size;
            block.transactions.push(transaction);
        }
    }
}
