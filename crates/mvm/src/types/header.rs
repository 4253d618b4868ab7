//! The order of a batch.

use super::words::Words;
use crate::{error::Fault, rlp::Reader};
use alloy_primitives::{B256, keccak256};

const TYPE: &str = "DataHeader(uint8 version,uint64 batchIndex,bytes32 parentHash,uint32 generation,uint64 epoch,\
    uint64 lastTimestamp,uint64 depositCount,bytes32 depositQueueHash,uint64 anchorNumber,bytes32 anchorHash,\
    uint8 dataMode,bytes32 payloadHash,uint32 payloadSize,bytes32 dataCommitment,bytes32 extraHash)";

/// Where the data of a batch lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum DataMode {
    Calldata = 0,
    Blobs = 1,
    OffChain = 2,
    None = 3,
}

/// What L1 fixed about a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DataHeader {
    pub version: u8,
    pub batch_index: u64,
    pub parent_hash: B256,
    pub generation: u32,
    pub epoch: u64,
    pub last_timestamp: u64,
    pub deposit_count: u64,
    pub deposit_queue_hash: B256,
    pub anchor_number: u64,
    pub anchor_hash: B256,
    pub data_mode: DataMode,
    pub payload_hash: B256,
    pub payload_size: u32,
    pub data_commitment: B256,
    pub extra_hash: B256,
}

impl DataHeader {
    /// Decodes the list of the fields in their order.
    pub fn decode(items: &mut Reader<'_>) -> Result<Self, Fault> {
        let header = Self {
            version: items.u8()?,
            batch_index: items.u64()?,
            parent_hash: items.b256()?,
            generation: u32_of(items)?,
            epoch: items.u64()?,
            last_timestamp: items.u64()?,
            deposit_count: items.u64()?,
            deposit_queue_hash: items.b256()?,
            anchor_number: items.u64()?,
            anchor_hash: items.b256()?,
            data_mode: match items.u8()? {
                0 => DataMode::Calldata,
                1 => DataMode::Blobs,
                2 => DataMode::OffChain,
                3 => DataMode::None,
                _ => return Err(Fault::new("unknown-data-mode", "the header's dataMode is above 3")),
            },
            payload_hash: items.b256()?,
            payload_size: u32_of(items)?,
            data_commitment: items.b256()?,
            extra_hash: items.b256()?,
        };
        items.end()?;
        Ok(header)
    }

    /// `hashStruct(DataHeader)`: the batch's hash.
    pub fn hash(&self) -> B256 {
        Words::default()
            .b256(keccak256(TYPE))
            .uint(self.version)
            .uint(self.batch_index)
            .b256(self.parent_hash)
            .uint(self.generation)
            .uint(self.epoch)
            .uint(self.last_timestamp)
            .uint(self.deposit_count)
            .b256(self.deposit_queue_hash)
            .uint(self.anchor_number)
            .b256(self.anchor_hash)
            .uint(self.data_mode as u8)
            .b256(self.payload_hash)
            .uint(self.payload_size)
            .b256(self.data_commitment)
            .b256(self.extra_hash)
            .hash()
    }
}

fn u32_of(items: &mut Reader<'_>) -> Result<u32, Fault> {
    u32::try_from(items.u64()?).map_err(|_| Fault::new("malformed-rlp", "an integer above 32 bits"))
}
