//! eth_simulateV1: blocks that nobody made, one on the other, with calls in the place of signed transactions.

use super::{
    Block,
    ethereum::{Withdrawal, expected_base_fee, expected_excess_blob_gas},
    maybe,
};
use crate::{
    call::{CallOutcome, CallRequest, apply_state_overrides, explain},
    config::Config,
    error::Fault,
    evm::{Charge, TRANSFER_LOG_ADDRESS},
    fork::Fork,
    header::{EMPTY_OMMERS, Header},
    receipt::{Outcome, Receipt, encode_receipts, put_logs},
    rlp::{self, Reader},
    state::{AccountBody, Host, Overlay, commit_state},
    transaction::SignedTransaction,
    trie::ordered_root,
};
use alloc::{format, rc::Rc, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256, b256};
use core::cmp::Ordering;
use revm::{
    context::TxEnv,
    context_interface::{block::BlobExcessGasAndPrice, result::InvalidTransaction},
    primitives::eip4844::GAS_PER_BLOB,
};

/// SHA-256 of nothing: the requests hash of a block without requests (EIP-7685).
const NO_REQUESTS: B256 = b256!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

/// What holds for the whole request.
struct Rules {
    /// Nonces and base fee count, as they do in a real block.
    validation: bool,
    /// Transfers of the gas token give a log.
    transfers: bool,
}

/// A block as asked for.
struct Wanted<'a> {
    header: Header,
    base_fee: Option<u64>,
    blob_base_fee: Option<u128>,
    withdrawals: Vec<Withdrawal>,
    state: Reader<'a>,
    moves: Vec<(Address, Address)>,
    gone: Vec<Address>,
    calls: Reader<'a>,
}

/// A call as asked for.
struct Call {
    request: CallRequest,
    max_fee_per_blob_gas: Option<U256>,
    blob_hashes: Vec<B256>,
}

/// A call as it went.
struct Made {
    outcome: CallOutcome,
    /// Gas before refunds.
    most_gas: u64,
    logs: Vec<Log>,
    /// Number of each log in the block, those that were reverted counted.
    log_indexes: Vec<u64>,
}

/// A block with its calls.
struct Simulated {
    header: Header,
    hash: B256,
    transactions: Vec<Bytes>,
    senders: Vec<Address>,
    calls: Vec<Made>,
}

/// Runs `[base header, validation, traceTransfers, gas pool, [block...]]`; shapes in docs/spec/kernel.md, "simulate".
pub fn simulate<H: Host>(config: &Rc<Config>, host: H, request: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut items = Reader::list_of(request)?;
    let base = Header::decode(items.bytes()?)?;
    let rules = Rules { validation: items.flag()?, transfers: items.flag()? };
    let mut gas_pool = items.u64()?;
    let mut blocks = items.list()?;
    items.end()?;
    let mut overlay = Overlay::new(host);
    overlay.remember_block_hash(base.number, base.hash());
    let mut parent = base.clone();
    let mut done = Vec::new();
    while !blocks.is_empty() {
        let wanted = Wanted::read(blocks.list()?)?;
        let (simulated, state) = run_block(config, overlay, &base, &parent, wanted, &rules, &mut gas_pool)?;
        overlay = state;
        overlay.remember_block_hash(simulated.header.number, simulated.hash);
        parent = simulated.header.clone();
        done.push(simulated);
    }
    Ok(rlp::list(|out| done.iter().for_each(|block| block.put(out))))
}

impl<'a> Wanted<'a> {
    /// Reads `[number, timestamp, gasLimit, coinbase, prevRandao, parentBeaconRoot, baseFee, blobBaseFee, withdrawals,
    /// state overrides, [[precompile, new address]...], [address without its precompile...], calls]`.
    fn read(mut fields: Reader<'a>) -> Result<Self, Fault> {
        let header = Header {
            ommers_hash: EMPTY_OMMERS,
            number: fields.u64()?,
            timestamp: fields.u64()?,
            gas_limit: fields.u64()?,
            coinbase: fields.address()?,
            mix_hash: fields.b256()?,
            parent_beacon_root: Some(fields.b256()?),
            ..Header::default()
        };
        let base_fee = maybe(&mut fields, Reader::u64)?;
        let blob_base_fee = maybe(&mut fields, Reader::u64)?.map(u128::from);
        let withdrawals = Withdrawal::read_list(fields.list()?)?;
        let state = fields.list()?;
        let mut moves = Vec::new();
        let mut pairs = fields.list()?;
        while !pairs.is_empty() {
            let mut pair = pairs.list()?;
            moves.push((pair.address()?, pair.address()?));
            pair.end()?;
        }
        let mut gone = Vec::new();
        let mut addresses = fields.list()?;
        while !addresses.is_empty() {
            gone.push(addresses.address()?);
        }
        let calls = fields.list()?;
        fields.end()?;
        Ok(Self { header, base_fee, blob_base_fee, withdrawals, state, moves, gone, calls })
    }

    /// The header before anything runs: what the parent and the fork decide is filled in.
    fn draft(&self, config: &Config, parent: &Header, validation: bool) -> Header {
        let mut header = self.header.clone();
        let fork = config.fork_at(header.number, header.timestamp);
        let from = |start: Fork| fork >= start;
        header.parent_hash = parent.hash();
        header.difficulty = if from(Fork::Paris) { U256::ZERO } else { parent.difficulty };
        let free = if validation { expected_base_fee(parent, fork) } else { Some(0) };
        header.base_fee = self.base_fee.or(free).filter(|_| from(Fork::London));
        header.withdrawals_root = from(Fork::Shanghai).then(|| Withdrawal::root(&self.withdrawals));
        header.blob_gas_used = from(Fork::Cancun).then_some(0);
        // L2 has no blobs whose excess could be reckoned.
        header.excess_blob_gas =
            if config.chain.pure { expected_excess_blob_gas(config, parent, header.timestamp, fork) } else { Some(0) };
        header.parent_beacon_root = header.parent_beacon_root.filter(|_| from(Fork::Cancun));
        header.requests_hash = from(Fork::Prague).then_some(NO_REQUESTS);
        header
    }
}

fn run_block<H: Host>(
    config: &Rc<Config>,
    mut overlay: Overlay<H>,
    base: &Header,
    parent: &Header,
    mut wanted: Wanted<'_>,
    rules: &Rules,
    gas_pool: &mut u64,
) -> Result<(Simulated, Overlay<H>), Fault> {
    let draft = wanted.draft(config, parent, rules.validation);
    apply_state_overrides(&mut overlay, wanted.state)?;
    let mut block = Block::start_over(Rc::clone(config), overlay, draft, base.state_root);
    block.withdrawals = core::mem::take(&mut wanted.withdrawals);
    block.machine.override_precompiles(&wanted.moves, &wanted.gone);
    let context = block.machine.context();
    context.cfg.tx_chain_id_check = false;
    context.cfg.disable_nonce_check = !rules.validation;
    context.cfg.disable_eip3607 = true;
    context.cfg.disable_block_gas_limit = true;
    context.cfg.tx_gas_limit_cap = Some(u64::MAX);
    if let (Some(price), Some(blobs)) = (wanted.blob_base_fee, context.block.blob_excess_gas_and_price) {
        let excess_blob_gas = blobs.excess_blob_gas;
        context.block.blob_excess_gas_and_price = Some(BlobExcessGasAndPrice { excess_blob_gas, blob_gasprice: price });
    }
    block.begin_ethereum()?;
    let mut senders = Vec::new();
    let mut calls = Vec::new();
    block.machine.begin_simulation(rules.transfers);
    while !wanted.calls.is_empty() {
        let call = Call::read(wanted.calls.list()?)?;
        senders.push(call.request.from.unwrap_or_default());
        calls.push(run_call(&mut block, &call, rules, gas_pool)?);
    }
    block.machine.end_simulation();
    finish(block, base, senders, calls)
}

/// Roots and hash, as `seal` computes them. An L2 has no requests: the contracts for them are not called.
fn finish<H: Host>(
    mut block: Block<H>,
    base: &Header,
    senders: Vec<Address>,
    calls: Vec<Made>,
) -> Result<(Simulated, Overlay<H>), Fault> {
    if block.config.chain.pure {
        block.end_ethereum()?;
    }
    let state_root = commit_state(block.machine.overlay(), base.state_root)?.0;
    let (receipts, bloom) = encode_receipts(&block.receipts);
    let mut header = block.header;
    header.state_root = state_root;
    header.transactions_root = ordered_root(&block.transactions);
    header.receipts_root = ordered_root(&receipts);
    header.bloom = bloom;
    header.gas_used = block.gas_used;
    header.blob_gas_used = header.blob_gas_used.map(|_| block.blob_gas_used);
    let (hash, transactions) = (header.hash(), block.transactions);
    Ok((Simulated { header, hash, transactions, senders, calls }, block.machine.into_overlay()))
}

impl Call {
    /// Reads `[call, maxFeePerBlobGas, [blob hash...]]`.
    fn read(mut fields: Reader<'_>) -> Result<Self, Fault> {
        let request = CallRequest::read(fields.list()?)?;
        let max_fee_per_blob_gas = maybe(&mut fields, Reader::u256)?;
        let mut blob_hashes = Vec::new();
        let mut hashes = fields.list()?;
        while !hashes.is_empty() {
            blob_hashes.push(hashes.b256()?);
        }
        fields.end()?;
        Ok(Self { request, max_fee_per_blob_gas, blob_hashes })
    }

    /// geth's choice of type: legacy when a gas price is named, else the least one with all fields, from 2 on.
    fn tx_type(&self) -> u8 {
        let request = &self.request;
        match () {
            () if request.gas_price.is_some() => u8::from(request.access_list.is_some()),
            () if request.authorizations.is_some() => 4,
            () if !self.blob_hashes.is_empty() => 3,
            () => 2,
        }
    }

    /// The transaction it stands for, without a signature.
    fn transaction(&self, chain_id: u64, nonce: u64, gas_limit: u64) -> SignedTransaction {
        let request = &self.request;
        let tx_type = self.tx_type();
        SignedTransaction {
            tx_type,
            chain_id: Some(chain_id),
            nonce,
            max_fee: U256::from(request.fee_cap()),
            max_priority_fee: (tx_type >= 2).then(|| U256::from(request.max_priority_fee.unwrap_or_default())),
            gas_limit,
            to: request.to.map_or(TxKind::Create, TxKind::Call),
            value: request.value,
            data: request.data.clone(),
            access_list: request.access_list.clone().unwrap_or_default(),
            max_fee_per_blob_gas: self.max_fee_per_blob_gas.unwrap_or_default(),
            blob_hashes: self.blob_hashes.clone(),
            authorizations: request.authorizations.clone().unwrap_or_default(),
            signature: Default::default(),
        }
    }
}

fn run_call<H: Host>(block: &mut Block<H>, call: &Call, rules: &Rules, gas_pool: &mut u64) -> Result<Made, Fault> {
    let from = call.request.from.unwrap_or_default();
    let stored = block.machine.overlay().account(&from)?;
    let nonce = call.request.nonce.unwrap_or(stored.map_or(0, |body| body.nonce));
    let left = block.gas_left();
    let gas = call.request.gas.unwrap_or(left);
    if gas > left {
        let message = format!("block gas limit reached: {} >= {}", block.gas_used, block.gas_limit());
        return Err(Fault::new("block-gas-limit-reached", message));
    }
    let gas = gas.min(*gas_pool);
    let transaction = call.transaction(block.config.chain.l2_chain_id, nonce, gas);
    let mut env = TxEnv { chain_id: None, ..transaction.to_env(from)? };
    // Without validation a nonce runs over, as it does in geth.
    let runs_over = !rules.validation && stored.is_some_and(|body| body.nonce == u64::MAX);
    if !rules.validation && nonce == u64::MAX {
        env.nonce = 0;
    }
    if runs_over {
        put_nonce(block, from, 0)?;
    }
    block.machine.context().cfg.disable_base_fee = !rules.validation && call.request.names_no_fee();
    let base_fee = block.header.base_fee.unwrap_or_default();
    let blob_gas = env.blob_hashes.len() as u64 * GAS_PER_BLOB;
    let refused = |error| {
        let fault = explain(error, &env, base_fee);
        Fault { message: format!("err: {} (supplied gas {gas})", fault.message), ..fault }
    };
    if rules.validation {
        check_nonce(nonce, stored.map_or(0, |body| body.nonce)).map_err(|refusal| refused(refusal.into()))?;
    }
    let result = block.machine.run_and_apply(env.clone(), Charge::Ethereum).map_err(refused)?;
    let gas_used = result.tx_gas_used();
    let most_gas = result.gas().total_gas_spent().max(result.gas().floor_gas());
    *gas_pool -= gas_used;
    if runs_over {
        put_nonce(block, from, 0)?;
    }
    let log_indexes = block.machine.take_log_indexes();
    let logs = if result.is_success() { result.logs().to_vec() } else { Vec::new() };
    let outcome = CallOutcome::from(result);
    block.gas_used += gas_used;
    block.blob_gas_used += blob_gas;
    let made_by_contracts = logs.iter().filter(|log| log.address != TRANSFER_LOG_ADDRESS).cloned().collect();
    let state = if block.fork() >= Fork::Byzantium {
        Outcome::Status(outcome.status == 0)
    } else {
        Outcome::StateRoot(commit_state(block.machine.overlay(), block.parent_state_root)?.0)
    };
    let cumulative_gas_used = block.gas_used;
    block.receipts.push(Receipt {
        tx_type: transaction.tx_type,
        outcome: state,
        cumulative_gas_used,
        logs: made_by_contracts,
    });
    block.transactions.push(transaction.encode_unsigned().into());
    Ok(Made { outcome, most_gas, logs, log_indexes })
}

/// Nonces count before anything else: a call that is wrong in more than one way is refused for its nonce.
fn check_nonce(tx: u64, state: u64) -> Result<(), InvalidTransaction> {
    match tx.cmp(&state) {
        Ordering::Greater => Err(InvalidTransaction::NonceTooHigh { tx, state }),
        Ordering::Less => Err(InvalidTransaction::NonceTooLow { tx, state }),
        Ordering::Equal if tx == u64::MAX => Err(InvalidTransaction::NonceOverflowInTransaction),
        Ordering::Equal => Ok(()),
    }
}

fn put_nonce<H: Host>(block: &mut Block<H>, address: Address, nonce: u64) -> Result<(), Fault> {
    let overlay = block.machine.overlay();
    let body = overlay.account(&address)?.map(|body| AccountBody { nonce, ..body });
    overlay.put_account(address, body)
}

impl Simulated {
    /// Appends `[header, hash, [transaction...], [sender...], [[status, output, gasUsed, haltReason, mostGas,
    /// logs, [log index...]]...]]`.
    fn put(&self, out: &mut Vec<u8>) {
        rlp::put_list(out, |out| {
            rlp::put_bytes(out, &self.header.encode());
            rlp::put(out, self.hash);
            rlp::put_list(out, |out| self.transactions.iter().for_each(|bytes| rlp::put(out, bytes)));
            rlp::put_list(out, |out| self.senders.iter().for_each(|sender| rlp::put(out, sender)));
            rlp::put_list(out, |out| {
                for call in &self.calls {
                    rlp::put_list(out, |out| {
                        call.outcome.put(out);
                        rlp::put(out, call.most_gas);
                        put_logs(out, &call.logs);
                        rlp::put_list(out, |out| call.log_indexes.iter().for_each(|index| rlp::put(out, *index)));
                    });
                }
            });
        });
    }
}
