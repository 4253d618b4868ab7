//! Functions the embedding program calls.

use super::{
    Instance,
    cache::{CachedHost, Roots},
    imports::ImportedHost,
    respond,
};
use crate::{
    block::{self, Block, Inclusion, PureInputs, RollupInputs, Sealed},
    call,
    config::Config,
    error::Fault,
    header::Header,
    query,
    rlp::{self, Reader},
    trace,
};
use alloc::{rc::Rc, vec, vec::Vec};

/// Memory for a request; the next call that takes it frees it.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    alloc::boxed::Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
}

macro_rules! export {
    ($(#[$doc:meta])* $name:ident, $serve:expr) => {
        $(#[$doc])*
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(pointer: *mut u8, length: usize) -> u64 {
            respond(pointer, length, $serve)
        }
    };
}

export!(
    /// Sets the chain. Answers nothing.
    configure,
    |instance, request| {
        instance.config = Some(Rc::new(Config::decode(request)?));
        instance.block = None;
        Ok(Vec::new())
    }
);

fn open(instance: &mut Instance, items: &mut Reader<'_>) -> Result<Block<CachedHost>, Fault> {
    instance.block = None;
    let config = instance.config()?;
    let parent = Header::decode(items.bytes()?)?;
    if config.chain.pure {
        Block::open_pure(config, CachedHost::on(&parent, Roots::Exact), &parent, PureInputs::read(items)?)
    } else {
        Block::open_rollup(config, CachedHost::on(&parent, Roots::Exact), &parent, RollupInputs::read(items)?)
    }
}

/// A finished block, which the next one may stand on.
fn finish(sealed: Sealed) -> Sealed {
    CachedHost::keep(&sealed.seal);
    sealed
}

fn opened(block: &Block<CachedHost>) -> Vec<u8> {
    rlp::list(|out| {
        rlp::put(out, block.gas_limit() - block.gas_left());
        rlp::put(out, block.gas_limit());
    })
}

export!(
    /// Starts a block on a parent. Answers `[gas used so far, gas limit]`.
    open_block,
    |instance, request| {
        let mut items = Reader::list_of(request)?;
        let block = open(instance, &mut items)?;
        items.end()?;
        let answer = opened(&block);
        instance.block = Some(block);
        Ok(answer)
    }
);

export!(
    /// Starts a block with exactly the given header, for state tests.
    open_bare,
    |instance, request| {
        let block = Block::open_bare(instance.config()?, CachedHost::anew(), Header::decode(request)?);
        let answer = opened(&block);
        instance.block = Some(block);
        Ok(answer)
    }
);

fn put_inclusion(out: &mut Vec<u8>, inclusion: &Inclusion) {
    match inclusion {
        Inclusion::Included(gas_used) => rlp::put(out, *gas_used),
        Inclusion::Refused(fault) => rlp::put_list(out, |out| {
            rlp::put_bytes(out, fault.code.as_bytes());
            rlp::put_bytes(out, fault.message.as_bytes());
        }),
    }
}

fn no_block() -> Fault {
    Fault::new("no-open-block", "open_block comes first")
}

/// Tries `[transaction, sender or empty, ...]` in order.
fn add(block: &mut Block<CachedHost>, request: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut items = Reader::list_of(request)?;
    let mut answer = Vec::new();
    while !items.is_empty() {
        let (bytes, sender) = (items.bytes()?, items.optional_address()?);
        answer.push(block.add_from(bytes, sender)?);
    }
    Ok(rlp::list(|out| answer.iter().for_each(|inclusion| put_inclusion(out, inclusion))))
}

export!(
    /// Tries signed EIP-2718 bytes: `[transaction, sender or empty, ...]`. Answers `[gasUsed or [code, message], ...]`.
    add_transactions,
    |instance, request| {
        let answer = add(instance.block.as_mut().ok_or_else(no_block)?, request);
        if answer.is_err() {
            // What the host failed to answer may have left half a transaction: the block is lost.
            instance.block = None;
        }
        answer
    }
);

export!(
    /// Finishes the open block; one byte of flags, 0xff: those it was opened with.
    seal_block,
    |instance, request| {
        let flags = request.first().copied().filter(|flags| *flags != 0xff);
        let sealed = instance.block.take().ok_or_else(no_block)?.seal(flags)?;
        Ok(finish(sealed))
    }
);

export!(
    /// open_block, every transaction, seal_block.
    execute_block,
    |instance, request| {
        let mut items = Reader::list_of(request)?;
        let mut block = open(instance, &mut items)?;
        post(&mut block, &mut items)?;
        items.end()?;
        Ok(finish(block.seal(None)?))
    }
);

/// Adds the transactions of a list.
fn post(block: &mut Block<CachedHost>, items: &mut Reader<'_>) -> Result<(), Fault> {
    let mut transactions = items.list()?;
    while !transactions.is_empty() {
        block.add_posted(transactions.bytes()?)?;
    }
    Ok(())
}

export!(
    /// As execute_block on a parent that may be a draft, but the roots are left to seal_executed. Answers an executed block.
    run_block,
    |instance, request| {
        instance.block = None;
        let mut items = Reader::list_of(request)?;
        let parent = Header::decode(items.bytes()?)?;
        let inputs = RollupInputs::read(&mut items)?;
        let host = CachedHost::on(&parent, Roots::Provisional);
        let mut block = Block::open_on_draft(instance.config()?, host, &parent, inputs)?;
        post(&mut block, &mut items)?;
        items.end()?;
        let executed = block.execute_only()?;
        CachedHost::keep_executed(executed.draft.hash(), &executed);
        Ok(executed)
    }
);

export!(
    /// As import_block, but the roots are left to seal_executed. Answers an executed block.
    run_import,
    |instance, request| {
        instance.block = None;
        let mut items = Reader::list_of(request)?;
        let parent = Header::decode(items.bytes()?)?;
        let block = items.bytes()?;
        items.end()?;
        let host = CachedHost::on(&parent, Roots::Provisional);
        let (executed, hash) = Block::run_import(instance.config()?, host, &parent, block)?;
        CachedHost::keep_executed(hash, &executed);
        Ok(executed)
    }
);

export!(
    /// Computes the roots of `[parent header, executed block]`. Answers what they add to it.
    seal_executed,
    |instance, request| {
        instance.block = None;
        let mut items = Reader::list_of(request)?;
        let parent = Header::decode(items.bytes()?)?;
        let executed = items.list()?;
        items.end()?;
        let host = CachedHost::on(&parent, Roots::Exact);
        let seal = block::seal_executed(&*instance.config()?, host, &parent, executed)?;
        CachedHost::keep(&seal);
        Ok(seal)
    }
);

export!(
    /// Blocks of calls on a block, for eth_simulateV1.
    simulate,
    |instance, request| block::simulate(&instance.config()?, ImportedHost, request)
);

export!(
    /// Pure mode: validates and executes `[parent header, block]`. Answers as seal_block.
    import_block,
    |instance, request| {
        let mut items = Reader::list_of(request)?;
        let parent = Header::decode(items.bytes()?)?;
        let block = items.bytes()?;
        items.end()?;
        Ok(finish(Block::import(instance.config()?, CachedHost::on(&parent, Roots::Exact), &parent, block)?))
    }
);

export!(
    /// Forgets the open block.
    discard_block,
    |instance, _| {
        instance.block = None;
        Ok(Vec::new())
    }
);

export!(
    /// Builds the first block.
    genesis,
    |instance, request| block::genesis(&*instance.config()?, ImportedHost, request)
);

export!(
    /// eth_call. Answers `[status, output, gasUsed, haltReason]`.
    call,
    |instance, request| {
        let outcome = call::call(&*instance.config()?, ImportedHost, request)?;
        Ok(rlp::list(|out| outcome.put(out)))
    }
);

export!(
    /// eth_estimateGas. Answers `[status, output, gasUsed, haltReason, gas]`.
    estimate_gas,
    |instance, request| {
        let (outcome, gas) = call::estimate_gas(&*instance.config()?, ImportedHost, request)?;
        Ok(rlp::list(|out| {
            outcome.put(out);
            rlp::put(out, gas);
        }))
    }
);

export!(
    /// eth_createAccessList. Answers `[accessList, gasUsed, error]`.
    create_access_list,
    |instance, request| call::create_access_list(&*instance.config()?, ImportedHost, request)
);

export!(
    /// L1 data fee of `[header, transaction]`. Answers `[fee]`.
    l1_fee,
    |instance, request| {
        let fee = query::l1_fee(&*instance.config()?, ImportedHost, request)?;
        Ok(rlp::list(|out| rlp::put(out, fee)))
    }
);

export!(
    /// Senders of a list of transactions.
    recover_senders,
    |_, request| query::recover_senders(request)
);

export!(
    /// eth_getProof for `[header, address, [slot...]]`.
    proof,
    |_, request| query::proof(&mut ImportedHost, request)
);

export!(
    /// debug_traceTransaction and debug_traceBlock: `[options, header, transactions, index]` on the parent's state.
    trace_block,
    |instance, request| Ok(trace::trace_block(instance.config()?, ImportedHost, request)?.into_bytes())
);

export!(
    /// debug_traceCall: `[options, call request]`.
    trace_call,
    |instance, request| Ok(trace::trace_call(&*instance.config()?, ImportedHost, request)?.into_bytes())
);

export!(
    /// From L1 data to block inputs (docs/spec/derivation.md).
    derive,
    |_, request| crate::derive::derive_encoded(request)
);
