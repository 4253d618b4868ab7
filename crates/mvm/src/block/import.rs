//! Importing an Ethereum block: every rule of its header and body, then its execution against what the header claims.

use super::{
    Block, Executed, Inclusion, Sealed, Withdrawal,
    env::blob_parameters,
    ethereum::{expected_base_fee, expected_excess_blob_gas},
    proof_of_work::expected_difficulty,
};
use crate::{
    config::Config,
    error::Fault,
    fork::Fork,
    header::{EMPTY_OMMERS, Header},
    rlp::Reader,
    state::Host,
    trie::ordered_root,
};
use alloc::{format, rc::Rc, vec::Vec};
use alloy_primitives::{B64, B256, Bytes, keccak256};
use revm::primitives::eip4844::GAS_PER_BLOB;

const MAX_EXTRA_DATA: usize = 32;
const MIN_GAS_LIMIT: u64 = 5_000;
const GAS_LIMIT_DIVISOR: u64 = 1_024;
/// Depth at which a block can still be an ommer, and how many fit.
const MAX_OMMER_DEPTH: u64 = 6;
const MAX_OMMERS: usize = 2;
/// EIP-7934: 10 MiB less a margin of 2 MiB.
const MAX_BLOCK_BYTES: usize = 8 * 1024 * 1024;

/// A block as it travels.
struct Body {
    header: Header,
    transactions: Vec<Bytes>,
    ommers_hash: B256,
    ommers: Vec<Header>,
    withdrawals: Option<Vec<Withdrawal>>,
}

fn refuse(code: &'static str, message: &str) -> Fault {
    Fault::new(code, message)
}

fn malformed(fault: Fault) -> Fault {
    Fault::new("malformed-block", fault.message)
}

impl Body {
    /// Decodes `[header, transactions, ommers, withdrawals]`, the last from Shanghai on.
    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut items = Reader::list_of(bytes).map_err(malformed)?;
        let header = Header::decode(items.raw().map_err(malformed)?)?;
        let mut list = items.list().map_err(malformed)?;
        let mut transactions = Vec::new();
        while !list.is_empty() {
            let is_legacy = list.next_is_list();
            let bytes = if is_legacy { list.raw() } else { list.bytes() }.map_err(malformed)?;
            if !is_legacy && bytes.first().is_none_or(|first| *first >= 0xc0) {
                return Err(refuse("malformed-block", "a legacy transaction inside a byte string"));
            }
            transactions.push(Bytes::copy_from_slice(bytes));
        }
        let ommers_rlp = items.raw().map_err(malformed)?;
        let mut list = Reader::list_of(ommers_rlp).map_err(malformed)?;
        let mut ommers = Vec::new();
        while !list.is_empty() {
            ommers.push(Header::decode(list.raw().map_err(malformed)?)?);
        }
        let withdrawals = if items.is_empty() {
            None
        } else {
            Some(Withdrawal::read_list(items.list().map_err(malformed)?).map_err(malformed)?)
        };
        items.end().map_err(malformed)?;
        Ok(Self { header, transactions, ommers_hash: keccak256(ommers_rlp), ommers, withdrawals })
    }
}

/// Fields exist exactly from the fork on that added them.
fn check_shape(body: &Body, fork: Fork) -> Result<(), Fault> {
    let header = &body.header;
    let shape = [
        (header.base_fee.is_some(), Fork::London),
        (header.withdrawals_root.is_some(), Fork::Shanghai),
        (header.blob_gas_used.is_some(), Fork::Cancun),
        (header.excess_blob_gas.is_some(), Fork::Cancun),
        (header.parent_beacon_root.is_some(), Fork::Cancun),
        (header.requests_hash.is_some(), Fork::Prague),
    ];
    if shape.iter().any(|(present, start)| *present != (fork >= *start)) {
        return Err(refuse("wrong-header-fields", "the header has other fields than its fork"));
    }
    if body.withdrawals.is_some() != (fork >= Fork::Shanghai) {
        return Err(refuse("malformed-block", "withdrawals are missing, or too early"));
    }
    Ok(())
}

fn check_gas_limit(config: &Config, parent: &Header, header: &Header) -> Result<(), Fault> {
    let parent_fork = config.fork_at(parent.number, parent.timestamp);
    let starts_london = parent_fork < Fork::London && config.fork_at(header.number, header.timestamp) >= Fork::London;
    let base = if starts_london { parent.gas_limit.saturating_mul(2) } else { parent.gas_limit };
    let far = header.gas_limit.abs_diff(base) >= base / GAS_LIMIT_DIVISOR;
    if far || header.gas_limit < MIN_GAS_LIMIT || header.gas_limit > i64::MAX as u64 {
        return Err(refuse("bad-gas-limit", "the gas limit is too far from the parent's, or out of bounds"));
    }
    Ok(())
}

/// What the parent and the schedules fix.
fn check_header(config: &Config, parent: &Header, header: &Header, fork: Fork) -> Result<(), Fault> {
    if header.parent_hash != parent.hash() {
        return Err(refuse("wrong-parent", "the block's parent is another block"));
    }
    if header.number != parent.number + 1 {
        return Err(refuse("wrong-number", "the number is not the parent's plus one"));
    }
    if header.timestamp <= parent.timestamp {
        return Err(refuse("time-not-after-parent", "time does not rise"));
    }
    if header.extra_data.len() > MAX_EXTRA_DATA {
        return Err(refuse("extra-data-too-long", "extraData is longer than 32 bytes"));
    }
    check_gas_limit(config, parent, header)?;
    if header.gas_used > header.gas_limit {
        return Err(refuse("gas-used-above-limit", "the header claims more gas than the limit"));
    }
    if header.base_fee != expected_base_fee(parent, fork) {
        return Err(refuse("wrong-base-fee", "the base fee is not what EIP-1559 makes of the parent"));
    }
    let excess = expected_excess_blob_gas(config, parent, header.timestamp, fork);
    if header.excess_blob_gas != excess {
        return Err(Fault::new("wrong-excess-blob-gas", format!("excessBlobGas must be {excess:?}")));
    }
    let most = blob_parameters(config, header.timestamp).map_or(0, |blobs| blobs.max * GAS_PER_BLOB);
    if header.blob_gas_used.unwrap_or_default() > most {
        return Err(refuse("blob-gas-above-limit", "the header claims more blob gas than a block has"));
    }
    check_consensus(config, parent, header, fork)
}

/// Proof of work's difficulty, or nothing of it after the merge. The seal itself is not verified.
fn check_consensus(config: &Config, parent: &Header, header: &Header, fork: Fork) -> Result<(), Fault> {
    if fork >= Fork::Paris {
        if !header.difficulty.is_zero() || header.nonce != B64::ZERO {
            return Err(refuse("bad-difficulty", "difficulty and nonce are zero after the merge"));
        }
        if header.ommers_hash != EMPTY_OMMERS {
            return Err(refuse("ommers-after-merge", "no ommers after the merge"));
        }
        return Ok(());
    }
    let expected = expected_difficulty(config, parent, header.timestamp);
    if header.difficulty == expected {
        Ok(())
    } else {
        Err(Fault::new("bad-difficulty", format!("difficulty must be {expected}")))
    }
}

/// Roots of what the body holds.
fn check_body(body: &Body, size: usize, fork: Fork) -> Result<(), Fault> {
    let header = &body.header;
    if fork >= Fork::Osaka && size > MAX_BLOCK_BYTES {
        return Err(refuse("block-too-large", "the block is longer than EIP-7934 allows"));
    }
    if header.transactions_root != ordered_root(&body.transactions) {
        return Err(refuse("wrong-transactions-root", "the transactions are not those of the header"));
    }
    if header.ommers_hash != body.ommers_hash {
        return Err(refuse("wrong-ommers-hash", "the ommers are not those of the header"));
    }
    if body.ommers.len() > MAX_OMMERS {
        return Err(refuse("bad-ommers", "more than two ommers"));
    }
    for ommer in &body.ommers {
        let depth = header.number.checked_sub(ommer.number);
        if !depth.is_some_and(|depth| (1..=MAX_OMMER_DEPTH).contains(&depth)) {
            return Err(refuse("bad-ommers", "an ommer is too old or too young"));
        }
    }
    let root = body.withdrawals.as_deref().map(Withdrawal::root);
    if header.withdrawals_root != root {
        return Err(refuse("wrong-withdrawals-root", "the withdrawals are not those of the header"));
    }
    Ok(())
}

/// Refuses what the header claims and execution does not come to: `[does it hold, code]`.
fn check_claims<const COUNT: usize>(claims: [(bool, &'static str); COUNT]) -> Result<(), Fault> {
    match claims.into_iter().find(|(holds, _)| !holds) {
        Some((_, code)) => Err(refuse(code, "execution comes to something else than the header claims")),
        None => Ok(()),
    }
}

/// What is known of the execution without a root.
fn check_execution(claimed: &Header, computed: &Header) -> Result<(), Fault> {
    check_claims([
        (claimed.gas_used == computed.gas_used, "wrong-gas-used"),
        (claimed.blob_gas_used == computed.blob_gas_used, "wrong-blob-gas-used"),
        (claimed.requests_hash == computed.requests_hash, "wrong-requests-hash"),
        (claimed.bloom == computed.bloom, "wrong-bloom"),
    ])
}

fn check_roots(claimed: &Header, computed: &Header) -> Result<(), Fault> {
    check_claims([
        (claimed.receipts_root == computed.receipts_root, "wrong-receipts-root"),
        (claimed.state_root == computed.state_root, "wrong-state-root"),
    ])
}

/// The body of a block to be imported.
fn decode(config: &Config, block: &[u8]) -> Result<Body, Fault> {
    if !config.chain.pure {
        return Err(refuse("not-pure", "blocks are imported in pure mode alone: an L2 block comes from its inputs"));
    }
    Body::decode(block)
}

impl<H: Host> Block<H> {
    /// Validates and executes `block` on `parent`.
    pub fn import(config: Rc<Config>, host: H, parent: &Header, block: &[u8]) -> Result<Sealed, Fault> {
        let body = decode(&config, block)?;
        let claimed = body.header.clone();
        let finished = Self::execute_body(config, host, parent, body, block.len())?.finish()?;
        check_execution(&claimed, &finished.header)?;
        let sealed = finished.seal()?;
        check_roots(&claimed, &sealed.seal.header)?;
        debug_assert_eq!(claimed, sealed.seal.header);
        Ok(sealed)
    }

    /// As `import`, but for what the header claims of receipts and state: also returns the hash that `seal_executed` must come to.
    /// Fails with "roots-inseparable" before Byzantium: until then receipts hold state roots.
    pub fn run_import(config: Rc<Config>, host: H, parent: &Header, block: &[u8]) -> Result<(Executed, B256), Fault> {
        let body = decode(&config, block)?;
        if config.fork_at(body.header.number, body.header.timestamp) < Fork::Byzantium {
            return Err(refuse("roots-inseparable", "before Byzantium receipts hold roots of the state"));
        }
        let claimed = body.header.clone();
        let finished = Self::execute_body(config, host, parent, body, block.len())?.finish()?;
        check_execution(&claimed, &finished.header)?;
        Ok((finished.execute()?, claimed.hash()))
    }

    /// A block of `size` bytes, valid as far as can be said before it ends.
    fn execute_body(config: Rc<Config>, host: H, parent: &Header, body: Body, size: usize) -> Result<Self, Fault> {
        let fork = config.fork_at(body.header.number, body.header.timestamp);
        check_shape(&body, fork)?;
        check_header(&config, parent, &body.header, fork)?;
        check_body(&body, size, fork)?;
        let mut building = Self::start(config, host, body.header, parent.state_root);
        building.withdrawals = body.withdrawals.unwrap_or_default();
        building.ommers = body.ommers.iter().map(|ommer| (ommer.coinbase, ommer.number)).collect();
        building.begin_ethereum()?;
        for (index, transaction) in body.transactions.iter().enumerate() {
            if let Inclusion::Refused(fault) = building.add(transaction)? {
                return Err(Fault { message: format!("transaction {index}: {}", fault.message), ..fault });
            }
        }
        Ok(building)
    }
}
