//! Signed transactions: decoding, signing hash, sender.

mod decode;
mod encode;
mod env;
mod recover;
#[cfg(test)]
mod tests;

pub(crate) use decode::{access_list as decode_access_list, authorization_list as decode_authorizations};
pub(crate) use env::{access_list as env_access_list, authorization as env_authorization};
pub use recover::recover_address;

use crate::error::Fault;
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use revm::{
    context_interface::cfg::gas::{InitialAndFloorGas, calculate_initial_tx_gas},
    primitives::hardfork::SpecId,
};

/// Type byte of deposits and system transactions.
pub const DEPOSIT_TYPE: u8 = 0x7e;

/// y parity, r and s of a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Signature {
    pub y_parity: bool,
    pub r: U256,
    pub s: U256,
}

/// Entry of an access list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AccessListEntry {
    pub address: Address,
    pub storage_keys: Vec<B256>,
}

/// EIP-7702 tuple with its signature; the signature may be invalid, then the tuple has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Authorization {
    pub chain_id: U256,
    pub address: Address,
    pub nonce: u64,
    pub y_parity: u8,
    pub r: U256,
    pub s: U256,
}

/// A signed transaction of type 0 to 4. Fields a type does not have are zero or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SignedTransaction {
    pub tx_type: u8,
    /// `None`: legacy without EIP-155.
    pub chain_id: Option<u64>,
    pub nonce: u64,
    /// Gas price of types 0 and 1, fee cap of the others.
    pub max_fee: U256,
    /// `None` for types 0 and 1.
    pub max_priority_fee: Option<U256>,
    pub gas_limit: u64,
    pub to: TxKind,
    pub value: U256,
    pub data: Bytes,
    pub access_list: Vec<AccessListEntry>,
    pub max_fee_per_blob_gas: U256,
    pub blob_hashes: Vec<B256>,
    pub authorizations: Vec<Authorization>,
    pub signature: Signature,
}

impl SignedTransaction {
    /// Decodes EIP-2718 bytes. Code "malformed-transaction" for anything not canonical, "unsupported-type" for other types.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        decode::decode(bytes)
    }

    /// EIP-2718 bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode::signed_bytes(self)
    }

    /// EIP-2718 bytes with a signature of zeros: what a call would be as a transaction.
    pub fn encode_unsigned(&self) -> Vec<u8> {
        encode::unsigned_bytes(self)
    }

    /// The sender. Code "invalid-signature" when there is none, or s is in the upper half (EIP-2).
    pub fn sender(&self) -> Result<Address, Fault> {
        recover_address(self.signing_hash(), self.signature, true)
    }

    /// Gas it uses before its first instruction under Osaka's rules, and the floor of EIP-7623.
    pub fn intrinsic_gas(&self) -> InitialAndFloorGas {
        let keys: usize = self.access_list.iter().map(|entry| entry.storage_keys.len()).sum();
        calculate_initial_tx_gas(
            SpecId::OSAKA,
            &self.data,
            self.to.is_create(),
            self.access_list.len() as u64,
            keys as u64,
            self.authorizations.len() as u64,
            None,
        )
    }

    /// The hash that is signed.
    pub fn signing_hash(&self) -> B256 {
        keccak256(encode::signing_payload(self))
    }
}

impl Authorization {
    /// The account that signed, or `None`.
    pub fn authority(&self) -> Option<Address> {
        let y_parity = match self.y_parity {
            0 => false,
            1 => true,
            _ => return None,
        };
        let hash = keccak256(encode::authorization_payload(self));
        recover_address(hash, Signature { y_parity, r: self.r, s: self.s }, true).ok()
    }
}
