//! `abi.encode` of values that fill one word each.

use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256, keccak256};

/// Joins 32-byte words.
#[derive(Default)]
pub(super) struct Words(Vec<u8>);

impl Words {
    pub(super) fn uint(mut self, value: impl TryInto<U256, Error: core::fmt::Debug>) -> Self {
        let value: U256 = value.try_into().expect("unsigned integers fit a word");
        self.0.extend_from_slice(&value.to_be_bytes::<32>());
        self
    }

    pub(super) fn address(mut self, value: Address) -> Self {
        self.0.extend_from_slice(value.into_word().as_slice());
        self
    }

    pub(super) fn b256(mut self, value: B256) -> Self {
        self.0.extend_from_slice(value.as_slice());
        self
    }

    pub(super) fn hash(self) -> B256 {
        keccak256(self.0)
    }
}
