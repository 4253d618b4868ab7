//! Block headers.

use crate::{
    error::Fault,
    rlp::{self, Reader},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256, b256, keccak256};

/// keccak256(rlp([])): the ommers hash of a block without ommers.
pub const EMPTY_OMMERS: B256 = b256!("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");

/// An Ethereum header; the options are the fields forks added, each present only when all before it are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Header {
    pub parent_hash: B256,
    pub ommers_hash: B256,
    pub coinbase: Address,
    pub state_root: B256,
    pub transactions_root: B256,
    pub receipts_root: B256,
    pub bloom: Bloom,
    pub difficulty: U256,
    pub number: u64,
    pub gas_limit: u64,
    pub gas_used: u64,
    pub timestamp: u64,
    pub extra_data: Bytes,
    pub mix_hash: B256,
    pub nonce: B64,
    pub base_fee: Option<u64>,
    pub withdrawals_root: Option<B256>,
    pub blob_gas_used: Option<u64>,
    pub excess_blob_gas: Option<u64>,
    pub parent_beacon_root: Option<B256>,
    pub requests_hash: Option<B256>,
}

fn optional<'a, T>(
    items: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    if items.is_empty() { Ok(None) } else { read(items).map(Some) }
}

impl Header {
    /// Decodes the RLP of a header.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut items = Reader::list_of(bytes)?;
        let header = Self::read(&mut items)?;
        items.end()?;
        Ok(header)
    }

    /// Decodes the RLP of an L1 header, which may have fields of forks that are not known here. Its hash is that of the
    /// bytes.
    pub fn decode_foreign(bytes: &[u8]) -> Result<Self, Fault> {
        Self::read(&mut Reader::list_of(bytes)?)
    }

    fn read(items: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            parent_hash: items.b256()?,
            ommers_hash: items.b256()?,
            coinbase: items.address()?,
            state_root: items.b256()?,
            transactions_root: items.b256()?,
            receipts_root: items.b256()?,
            bloom: Bloom::try_from(items.bytes()?)
                .map_err(|_| Fault::new("malformed-rlp", "a bloom that is not 256 bytes"))?,
            difficulty: items.u256()?,
            number: items.u64()?,
            gas_limit: items.u64()?,
            gas_used: items.u64()?,
            timestamp: items.u64()?,
            extra_data: items.owned()?,
            mix_hash: items.b256()?,
            nonce: B64::try_from(items.bytes()?)
                .map_err(|_| Fault::new("malformed-rlp", "a header nonce that is not 8 bytes"))?,
            base_fee: optional(items, Reader::u64)?,
            withdrawals_root: optional(items, Reader::b256)?,
            blob_gas_used: optional(items, Reader::u64)?,
            excess_blob_gas: optional(items, Reader::u64)?,
            parent_beacon_root: optional(items, Reader::b256)?,
            requests_hash: optional(items, Reader::b256)?,
        })
    }

    /// RLP of the header.
    pub fn encode(&self) -> Vec<u8> {
        rlp::list(|out| {
            rlp::put(out, self.parent_hash);
            rlp::put(out, self.ommers_hash);
            rlp::put(out, self.coinbase);
            rlp::put(out, self.state_root);
            rlp::put(out, self.transactions_root);
            rlp::put(out, self.receipts_root);
            rlp::put(out, self.bloom);
            rlp::put(out, self.difficulty);
            rlp::put(out, self.number);
            rlp::put(out, self.gas_limit);
            rlp::put(out, self.gas_used);
            rlp::put(out, self.timestamp);
            rlp::put(out, &self.extra_data);
            rlp::put(out, self.mix_hash);
            rlp::put(out, self.nonce);
            self.put_options(out);
        })
    }

    fn put_options(&self, out: &mut Vec<u8>) {
        let Some(base_fee) = self.base_fee else { return };
        rlp::put(out, base_fee);
        let Some(withdrawals_root) = self.withdrawals_root else { return };
        rlp::put(out, withdrawals_root);
        let (Some(blob_gas_used), Some(excess_blob_gas)) = (self.blob_gas_used, self.excess_blob_gas) else { return };
        rlp::put(out, blob_gas_used);
        rlp::put(out, excess_blob_gas);
        let Some(parent_beacon_root) = self.parent_beacon_root else { return };
        rlp::put(out, parent_beacon_root);
        let Some(requests_hash) = self.requests_hash else { return };
        rlp::put(out, requests_hash);
    }

    /// Block hash.
    pub fn hash(&self) -> B256 {
        keccak256(self.encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_every_number_of_options_survives_encoding() {
        let mut header = Header { number: 7, extra_data: Bytes::from_static(b"x"), ..Header::default() };
        let steps: [fn(&mut Header); 6] = [
            |_| {},
            |h| h.base_fee = Some(7),
            |h| h.withdrawals_root = Some(B256::ZERO),
            |h| (h.blob_gas_used, h.excess_blob_gas) = (Some(0), Some(1)),
            |h| h.parent_beacon_root = Some(B256::repeat_byte(1)),
            |h| h.requests_hash = Some(B256::repeat_byte(2)),
        ];
        for step in steps {
            step(&mut header);
            assert_eq!(Header::decode(&header.encode()).unwrap(), header);
        }
    }

    #[test]
    fn a_header_of_a_later_fork_is_read_as_far_as_it_is_known() {
        let header = Header {
            base_fee: Some(1),
            withdrawals_root: Some(B256::ZERO),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_root: Some(B256::ZERO),
            requests_hash: Some(B256::ZERO),
            ..Header::default()
        };
        let encoded = header.encode();
        let payload = encoded[3..].to_vec();
        let longer = rlp::list(|out| {
            out.extend_from_slice(&payload);
            rlp::put(out, B256::ZERO);
        });
        assert_eq!(Header::decode_foreign(&longer).unwrap(), header);
        assert!(Header::decode(&longer).is_err());
    }

    #[test]
    fn truncated_headers_are_refused() {
        let encoded = Header::default().encode();
        for length in 0..encoded.len() {
            assert!(Header::decode(&encoded[..length]).is_err());
        }
    }
}
