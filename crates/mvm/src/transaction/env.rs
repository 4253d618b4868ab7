//! From a decoded transaction to what revm runs.

use super::{AccessListEntry, Authorization, SignedTransaction};
use crate::error::Fault;
use alloc::vec::Vec;
use alloy_primitives::{Address, TxKind, U256};
use revm::{
    context::{TxEnv, either::Either, transaction as revm_tx},
    context_interface::transaction::{AccessList, AccessListItem, RecoveredAuthority, RecoveredAuthorization},
};

/// Fees above 128 bits cannot be paid by any balance that exists.
fn fee(value: U256) -> Result<u128, Fault> {
    u128::try_from(value).map_err(|_| Fault::new("insufficient-funds", "a fee above 128 bits cannot be paid"))
}

/// revm's form of an access list.
pub(crate) fn access_list(entries: &[AccessListEntry]) -> AccessList {
    let item =
        |entry: &AccessListEntry| AccessListItem { address: entry.address, storage_keys: entry.storage_keys.clone() };
    AccessList(entries.iter().map(item).collect())
}

/// revm's form of an authorization, its authority recovered here.
pub(crate) fn authorization(tuple: &Authorization) -> RecoveredAuthorization {
    let unsigned = revm_tx::Authorization { chain_id: tuple.chain_id, address: tuple.address, nonce: tuple.nonce };
    let authority = tuple.authority().map_or(RecoveredAuthority::Invalid, RecoveredAuthority::Valid);
    RecoveredAuthorization::new_unchecked(unsigned, authority)
}

impl SignedTransaction {
    /// What revm runs for `sender`. Refuses the shapes that no state makes valid.
    pub fn to_env(&self, sender: Address) -> Result<TxEnv, Fault> {
        if self.to == TxKind::Create && self.tx_type == 3 {
            return Err(Fault::new("blob-creation", "a blob transaction cannot create a contract"));
        }
        if self.to == TxKind::Create && self.tx_type == 4 {
            return Err(Fault::new("set-code-creation", "a set-code transaction cannot create a contract"));
        }
        let authorizations: Vec<_> =
            self.authorizations.iter().map(|tuple| Either::Right(authorization(tuple))).collect();
        Ok(TxEnv {
            tx_type: self.tx_type,
            caller: sender,
            gas_limit: self.gas_limit,
            gas_price: fee(self.max_fee)?,
            kind: self.to,
            value: self.value,
            data: self.data.clone(),
            nonce: self.nonce,
            chain_id: self.chain_id,
            access_list: access_list(&self.access_list),
            gas_priority_fee: self.max_priority_fee.map(fee).transpose()?,
            blob_hashes: self.blob_hashes.clone(),
            max_fee_per_blob_gas: fee(self.max_fee_per_blob_gas)?,
            authorization_list: authorizations,
        })
    }
}
