//! The call object of JSON-RPC, in RLP.

use super::MAX_CALL_GAS;
use crate::{
    block::maybe,
    error::Fault,
    rlp::Reader,
    transaction::{
        AccessListEntry, Authorization, decode_access_list, decode_authorizations, env_access_list, env_authorization,
    },
};
use alloc::vec::Vec;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use revm::context::{TxEnv, either::Either};

/// A call; what is absent has Ethereum's defaults.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct CallRequest {
    pub from: Option<Address>,
    pub to: Option<Address>,
    pub gas: Option<u64>,
    pub gas_price: Option<u128>,
    pub max_fee: Option<u128>,
    pub max_priority_fee: Option<u128>,
    pub value: U256,
    pub data: Bytes,
    pub nonce: Option<u64>,
    pub access_list: Option<Vec<AccessListEntry>>,
    pub authorizations: Option<Vec<Authorization>>,
}

fn fee(items: &mut Reader<'_>) -> Result<u128, Fault> {
    u128::try_from(items.u256()?).map_err(|_| Fault::new("bad-call", "a fee above 128 bits"))
}

impl CallRequest {
    /// Reads `[from, to, gas, gasPrice, maxFee, maxPriorityFee, value, data, nonce, accessList, authorizationList]`.
    /// An absent scalar is the empty list; absent lists are empty lists.
    pub fn read(mut fields: Reader<'_>) -> Result<Self, Fault> {
        let request = Self {
            from: maybe(&mut fields, Reader::address)?,
            to: maybe(&mut fields, Reader::optional_address)?.flatten(),
            gas: maybe(&mut fields, Reader::u64)?,
            gas_price: maybe(&mut fields, fee)?,
            max_fee: maybe(&mut fields, fee)?,
            max_priority_fee: maybe(&mut fields, fee)?,
            value: maybe(&mut fields, Reader::u256)?.unwrap_or_default(),
            data: maybe(&mut fields, Reader::owned)?.unwrap_or_default(),
            nonce: maybe(&mut fields, Reader::u64)?,
            access_list: Some(decode_access_list(fields.list()?)?).filter(|list| !list.is_empty()),
            authorizations: Some(decode_authorizations(fields.list()?)?).filter(|list| !list.is_empty()),
        };
        fields.end()?;
        Ok(request)
    }

    /// True when the caller pays nothing: then the base fee does not count either.
    pub fn names_no_fee(&self) -> bool {
        [self.gas_price, self.max_fee, self.max_priority_fee].iter().all(|fee| fee.unwrap_or_default() == 0)
    }

    /// Gas it runs with: what it names, at most what a call gets.
    pub fn gas_or_most(&self) -> u64 {
        self.gas.unwrap_or(MAX_CALL_GAS).min(MAX_CALL_GAS)
    }

    /// The most it pays per gas.
    pub fn fee_cap(&self) -> u128 {
        self.gas_price.or(self.max_fee).unwrap_or_default()
    }

    /// What revm runs, with this gas.
    pub fn to_env(&self, gas: u64) -> TxEnv {
        let tx_type = if self.authorizations.is_some() {
            4
        } else if self.max_fee.is_some() || self.max_priority_fee.is_some() {
            2
        } else {
            u8::from(self.access_list.is_some())
        };
        let tip = (tx_type == 2 || tx_type == 4).then(|| self.max_priority_fee.unwrap_or_default());
        let authorizations = self.authorizations.iter().flatten();
        TxEnv {
            tx_type,
            caller: self.from.unwrap_or_default(),
            gas_limit: gas,
            gas_price: self.fee_cap(),
            kind: self.to.map_or(TxKind::Create, TxKind::Call),
            value: self.value,
            data: self.data.clone(),
            nonce: self.nonce.unwrap_or_default(),
            chain_id: None,
            access_list: env_access_list(self.access_list.as_deref().unwrap_or_default()),
            gas_priority_fee: tip,
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: authorizations.map(|tuple| Either::Right(env_authorization(tuple))).collect(),
        }
    }
}
