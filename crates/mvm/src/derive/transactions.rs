//! The columns of transactions (docs/spec/payload.md).

use super::{Reason, cursor::Cursor};
use crate::transaction::{AccessListEntry, Authorization, Signature, SignedTransaction};
use alloc::vec::Vec;
use alloy_primitives::{Address, Bytes, TxKind, U256};

/// Least bytes a transaction takes: a creation with kind, nonce, fee cap, gas limit, value, data length, r and s.
pub(super) const MIN_SIZE: usize = 6 + 64;
const CREATION: u8 = 8;
const UNPROTECTED: u8 = 5;

/// A transaction and its `size(tx)`.
pub(super) struct Sized {
    pub(super) transaction: SignedTransaction,
    pub(super) size: usize,
}

/// Reads `count` transactions, which fill the rest of the content.
pub(super) fn decode(mut cursor: Cursor<'_>, count: usize, chain_id: u64) -> Result<Vec<Sized>, Reason> {
    if count.checked_mul(MIN_SIZE).is_none_or(|needed| needed > cursor.left()) {
        return Err(Reason::Encoding);
    }
    let mut columns = Columns { cursor: &mut cursor, list: Vec::with_capacity(count) };
    for _ in 0..count {
        columns.kind(chain_id)?;
    }
    columns.field(|tx| &mut tx.nonce, Cursor::varint)?;
    columns.each(|tx, cursor| {
        if tx.max_priority_fee.is_some() {
            tx.max_priority_fee = Some(cursor.uint(32)?);
        }
        Ok(())
    })?;
    columns.field(|tx| &mut tx.max_fee, |cursor| cursor.uint(32))?;
    columns.field(|tx| &mut tx.gas_limit, Cursor::varint)?;
    columns.each(|tx, cursor| {
        if tx.to.is_call() {
            tx.to = TxKind::Call(cursor.address()?);
        }
        Ok(())
    })?;
    columns.field(|tx| &mut tx.value, |cursor| cursor.uint(32))?;
    columns.data()?;
    columns.each(access_list)?;
    columns.each(authorizations)?;
    columns.parities()?;
    columns.field(|tx| &mut tx.signature.r, word)?;
    columns.field(|tx| &mut tx.signature.s, word)?;
    let list = columns.list;
    cursor.end()?;
    Ok(list)
}

struct Columns<'a, 'b> {
    cursor: &'a mut Cursor<'b>,
    list: Vec<Sized>,
}

impl<'b> Columns<'_, 'b> {
    /// Reads one column and adds each entry's bytes to its transaction's size.
    fn each(
        &mut self,
        read: impl Fn(&mut SignedTransaction, &mut Cursor<'b>) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        for entry in &mut self.list {
            let before = self.cursor.left();
            read(&mut entry.transaction, self.cursor)?;
            entry.size += before - self.cursor.left();
        }
        Ok(())
    }

    /// Reads one column into one field.
    fn field<T>(
        &mut self,
        place: impl Fn(&mut SignedTransaction) -> &mut T,
        read: impl Fn(&mut Cursor<'b>) -> Result<T, Reason>,
    ) -> Result<(), Reason> {
        self.each(|tx, cursor| {
            *place(tx) = read(cursor)?;
            Ok(())
        })
    }

    fn kind(&mut self, chain_id: u64) -> Result<(), Reason> {
        let kind = self.cursor.byte()?;
        let (tx_type, chain_id) = match kind & !CREATION {
            UNPROTECTED => (0, None),
            tx_type @ 0..=2 => (tx_type, Some(chain_id)),
            4 if kind & CREATION == 0 => (4, Some(chain_id)),
            _ => return Err(Reason::Encoding),
        };
        let to = if kind & CREATION == 0 { TxKind::Call(Address::ZERO) } else { TxKind::Create };
        // The kind's byte, and one for the parity bit.
        self.list.push(Sized { transaction: empty(tx_type, chain_id, to), size: 2 });
        Ok(())
    }

    /// Two columns, lengths and then bytes.
    fn data(&mut self) -> Result<(), Reason> {
        let mut lengths = Vec::with_capacity(self.list.len());
        for entry in &mut self.list {
            let before = self.cursor.left();
            let length = self.cursor.count(1)?;
            entry.size += before - self.cursor.left();
            lengths.push(length);
        }
        for (entry, length) in self.list.iter_mut().zip(lengths) {
            entry.transaction.data = Bytes::copy_from_slice(self.cursor.take(length)?);
            entry.size += length;
        }
        Ok(())
    }

    /// One bit each, the first in the lowest; sizes count them already.
    fn parities(&mut self) -> Result<(), Reason> {
        let count = self.list.len();
        let bits = self.cursor.take(count.div_ceil(8))?;
        for (i, entry) in self.list.iter_mut().enumerate() {
            entry.transaction.signature.y_parity = bits[i / 8] >> (i % 8) & 1 == 1;
        }
        let unused = !count.is_multiple_of(8) && bits[count / 8] >> (count % 8) != 0;
        if unused { Err(Reason::Encoding) } else { Ok(()) }
    }
}

fn empty(tx_type: u8, chain_id: Option<u64>, to: TxKind) -> SignedTransaction {
    SignedTransaction {
        tx_type,
        chain_id,
        nonce: 0,
        max_fee: U256::ZERO,
        max_priority_fee: (tx_type >= 2).then_some(U256::ZERO),
        gas_limit: 0,
        to,
        value: U256::ZERO,
        data: Bytes::new(),
        access_list: Vec::new(),
        max_fee_per_blob_gas: U256::ZERO,
        blob_hashes: Vec::new(),
        authorizations: Vec::new(),
        signature: Signature::default(),
    }
}

fn word(cursor: &mut Cursor<'_>) -> Result<U256, Reason> {
    Ok(U256::from_be_bytes(cursor.b256()?.0))
}

fn access_list(tx: &mut SignedTransaction, cursor: &mut Cursor<'_>) -> Result<(), Reason> {
    if tx.tx_type == 0 {
        return Ok(());
    }
    for _ in 0..cursor.count(20 + 1)? {
        let address = cursor.address()?;
        let keys = cursor.count(32)?;
        let mut storage_keys = Vec::with_capacity(keys);
        for _ in 0..keys {
            storage_keys.push(cursor.b256()?);
        }
        tx.access_list.push(AccessListEntry { address, storage_keys });
    }
    Ok(())
}

fn authorizations(tx: &mut SignedTransaction, cursor: &mut Cursor<'_>) -> Result<(), Reason> {
    if tx.tx_type != 4 {
        return Ok(());
    }
    for _ in 0..cursor.count(1 + 20 + 1 + 1 + 1 + 1)? {
        tx.authorizations.push(Authorization {
            chain_id: cursor.uint(32)?,
            address: cursor.address()?,
            nonce: cursor.varint()?,
            y_parity: cursor.byte()?,
            r: cursor.uint(32)?,
            s: cursor.uint(32)?,
        });
    }
    Ok(())
}
