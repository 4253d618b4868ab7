//! revm's view of a header.

use crate::{
    config::Config,
    fork::{BlobParameters, Fork},
    header::Header,
};
use alloy_primitives::U256;
use revm::context::{BlockEnv, CfgEnv};

/// EIP-7594: blobs in one transaction from Osaka on.
const MAX_BLOBS_PER_TRANSACTION: u64 = 6;

/// Blob parameters of a block, where its rules have blobs. L2 has none to buy, but BLOBBASEFEE answers.
pub fn blob_parameters(config: &Config, timestamp: u64) -> Option<BlobParameters> {
    if config.chain.pure {
        BlobParameters::at(&config.pure.blobs, timestamp)
    } else {
        Some(BlobParameters { timestamp: 0, target: 0, max: 0, update_fraction: 5_007_716 })
    }
}

/// Rules for a block with this number and time.
pub fn cfg_env(config: &Config, number: u64, timestamp: u64) -> CfgEnv {
    let fork = config.fork_at(number, timestamp);
    let mut cfg = CfgEnv::new_with_spec(fork.spec());
    cfg.chain_id = config.chain.l2_chain_id;
    // EIP-155 exists from Spurious Dragon on; before, v says nothing of a chain.
    cfg.tx_chain_id_check = true;
    if let Some(blobs) = blob_parameters(config, timestamp) {
        let most = if fork >= Fork::Osaka { blobs.max.min(MAX_BLOBS_PER_TRANSACTION) } else { blobs.max };
        cfg.max_blobs_per_tx = Some(most);
        cfg.blob_base_fee_update_fraction = Some(blobs.update_fraction);
    }
    cfg
}

/// Values the block's opcodes see.
pub fn block_env(config: &Config, header: &Header) -> BlockEnv {
    let fork = config.fork_at(header.number, header.timestamp);
    let mut block = BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.coinbase,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee.unwrap_or_default(),
        difficulty: header.difficulty,
        prevrandao: (fork >= Fork::Paris).then_some(header.mix_hash),
        blob_excess_gas_and_price: None,
        slot_num: 0,
    };
    if let (true, Some(blobs)) = (fork >= Fork::Cancun, blob_parameters(config, header.timestamp)) {
        block.set_blob_excess_gas_and_price(header.excess_blob_gas.unwrap_or_default(), blobs.update_fraction);
    }
    block
}
