//! What a block has changed so far, over the host.

use super::{AccountBody, Host};
use crate::error::Fault;
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{
    Address, B256, Bytes, U256,
    map::{AddressMap, B256Map, HashMap},
};
use revm::{
    bytecode::Bytecode,
    database_interface::{Database, DatabaseCommit},
    state::{Account, AccountInfo},
};

/// Everything known of one account: how the parent block left it and how it is now.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// In the parent's state.
    pub original: Option<AccountBody>,
    /// Now; its storage root is still the original's.
    pub current: Option<AccountBody>,
    /// True when it may differ from the original.
    pub touched: bool,
    /// True when the original's storage is gone.
    pub wiped: bool,
    /// Slots read from the host.
    pub read: HashMap<U256, U256>,
    /// Slots written, with their value now.
    pub written: BTreeMap<U256, U256>,
}

/// A slot that holds a block's hash, which is asked for when somebody reads it: by then it may not be known yet.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct LateHash {
    pub address: Address,
    pub slot: U256,
    /// Number of the block.
    pub block: u64,
}

/// Cache and changes over a host, for as long as one block.
#[derive(Debug)]
pub struct Overlay<H> {
    /// The parent's state.
    pub host: H,
    /// By address.
    pub accounts: AddressMap<Update>,
    /// Code by hash, read or created.
    codes: B256Map<Bytecode>,
    /// Code created in this block.
    pub new_codes: BTreeMap<B256, Bytes>,
    block_hashes: BTreeMap<u64, B256>,
    late: Option<LateHash>,
}

impl<H: Host> Overlay<H> {
    /// Nothing changed yet.
    pub fn new(host: H) -> Self {
        Self {
            host,
            accounts: AddressMap::default(),
            codes: B256Map::default(),
            new_codes: BTreeMap::new(),
            block_hashes: BTreeMap::new(),
            late: None,
        }
    }

    /// Accounts that may differ from their originals, ascending.
    pub(super) fn touched(&self) -> Vec<Address> {
        let touched = self.accounts.iter().filter(|(_, update)| update.touched);
        let mut addresses: Vec<Address> = touched.map(|(address, _)| *address).collect();
        addresses.sort_unstable();
        addresses
    }

    /// The account, asked from the host at most once.
    pub fn update(&mut self, address: &Address) -> Result<&mut Update, Fault> {
        if !self.accounts.contains_key(address) {
            let original = self.host.account(address)?;
            self.accounts.insert(*address, Update { original, current: original, ..Update::default() });
        }
        Ok(self.accounts.get_mut(address).expect("inserted above"))
    }

    /// The account now.
    pub fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault> {
        Ok(self.update(address)?.current)
    }

    /// Adds to a balance, creating the account. With `touch_empty` false, adding zero changes nothing.
    pub fn credit(&mut self, address: &Address, amount: U256, touch_empty: bool) -> Result<(), Fault> {
        let update = self.update(address)?;
        if amount.is_zero() && !touch_empty {
            return Ok(());
        }
        let account = update.current.get_or_insert_default();
        account.balance = account.balance.saturating_add(amount);
        update.touched = true;
        Ok(())
    }

    /// Replaces nonce, balance and code of an account.
    pub fn put_account(&mut self, address: Address, body: Option<AccountBody>) -> Result<(), Fault> {
        let update = self.update(&address)?;
        update.current = body;
        update.touched = true;
        Ok(())
    }

    /// Adds code under its hash.
    pub fn put_code(&mut self, hash: B256, code: Bytecode) {
        self.new_codes.insert(hash, code.original_bytes());
        self.codes.insert(hash, code);
    }

    /// Writes a slot without execution: genesis and state overrides.
    pub fn put_storage(&mut self, address: &Address, slot: U256, value: U256) -> Result<(), Fault> {
        let update = self.update(address)?;
        update.touched = true;
        update.written.insert(slot, value);
        Ok(())
    }

    /// True when the account has storage in the trie or in this block.
    pub fn has_storage(&mut self, address: &Address) -> Result<bool, Fault> {
        let update = self.update(address)?;
        let stored = !update.wiped && update.original.is_some_and(|body| body.storage_root != super::EMPTY_ROOT);
        Ok(stored || update.written.values().any(|value| !value.is_zero()))
    }

    /// Makes a slot of a contract hold a hash that only the host knows. Nobody else writes it; its account counts as touched.
    pub fn expect_hash(&mut self, late: LateHash) -> Result<(), Fault> {
        self.update(&late.address)?.touched = true;
        self.late = Some(late);
        Ok(())
    }

    /// The account with a slot whose hash was expected.
    pub(super) fn late_account(&self) -> Option<Address> {
        self.late.map(|late| late.address)
    }

    /// True when a slot holds a hash that was not written.
    pub const fn expects_hash(&self) -> bool {
        self.late.is_some()
    }

    /// Makes BLOCKHASH answer for a block that the host does not know.
    pub fn remember_block_hash(&mut self, number: u64, hash: B256) {
        self.block_hashes.insert(number, hash);
    }

    fn apply(&mut self, address: Address, account: Account) -> Result<(), Fault> {
        if !account.is_touched() {
            return Ok(());
        }
        let code = account.info.code.as_ref().filter(|code| !code.is_empty());
        let is_new_code = account.is_created() || account.is_changed();
        if let Some(code) = code.filter(|_| is_new_code && !account.is_selfdestructed())
            && !self.codes.contains_key(&account.info.code_hash)
        {
            self.put_code(account.info.code_hash, code.clone());
        }
        let update = self.update(&address)?;
        update.touched = true;
        let created = account.is_created();
        if account.is_selfdestructed() || (account.is_empty() && !created) {
            update.current = None;
            update.wiped = true;
            update.written.clear();
            return Ok(());
        }
        if created {
            update.wiped = update.original.is_some() || update.wiped;
            update.written.clear();
        }
        let storage_root = update.current.unwrap_or_default().storage_root;
        update.current = Some(AccountBody {
            nonce: account.info.nonce,
            balance: account.info.balance,
            code_hash: account.info.code_hash,
            storage_root,
        });
        let changed = account.storage.into_iter().filter(|(_, slot)| slot.is_changed());
        update.written.extend(changed.map(|(key, slot)| (key, slot.present_value)));
        Ok(())
    }
}

impl<H: Host> Database for Overlay<H> {
    type Error = Fault;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Fault> {
        let Some(body) = self.account(&address)? else { return Ok(None) };
        Ok(Some(AccountInfo {
            balance: body.balance,
            nonce: body.nonce,
            code_hash: body.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Fault> {
        if let Some(code) = self.codes.get(&hash) {
            return Ok(code.clone());
        }
        let bytes = self.host.code(&hash)?;
        // Code from before EIP-3541 may start like a delegation without being one.
        let code = Bytecode::new_raw_checked(bytes.clone()).unwrap_or_else(|_| Bytecode::new_legacy(bytes));
        self.codes.insert(hash, code.clone());
        Ok(code)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Fault> {
        if let Some(late) = self.late
            && (late.address, late.slot) == (address, slot)
        {
            return self.block_hash(late.block).map(Into::into);
        }
        let update = self.update(&address)?;
        if let Some(value) = update.written.get(&slot) {
            return Ok(*value);
        }
        if update.wiped || update.original.is_none_or(|body| body.storage_root == super::EMPTY_ROOT) {
            return Ok(U256::ZERO);
        }
        if let Some(value) = update.read.get(&slot) {
            return Ok(*value);
        }
        let value = self.host.storage(&address, &slot)?;
        self.update(&address)?.read.insert(slot, value);
        Ok(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Fault> {
        if let Some(hash) = self.block_hashes.get(&number) {
            return Ok(*hash);
        }
        let hash = self.host.block_hash(number)?;
        self.block_hashes.insert(number, hash);
        Ok(hash)
    }
}

impl<H: Host> DatabaseCommit for Overlay<H> {
    fn commit(&mut self, changes: AddressMap<Account>) {
        for (address, account) in changes {
            self.apply(address, account).expect("accounts of a transaction were read from the host before");
        }
    }
}
