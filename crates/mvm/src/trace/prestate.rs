//! The accounts and slots a transaction looks at, before it or before and after, as geth's prestateTracer has them.

use super::{TraceOptions, json::Json};
use crate::{
    error::Fault,
    state::{AccountBody, Host, Overlay},
};
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};
use revm::{
    database_interface::Database,
    state::{Account, EvmState},
};

/// Fields of an account; what is `None` or empty is not shown.
#[derive(Debug, Default)]
struct View {
    balance: Option<U256>,
    nonce: Option<u64>,
    code: Option<(B256, Bytes)>,
    storage: Vec<(U256, U256)>,
}

impl View {
    fn size(&self) -> usize {
        let code = self.code.as_ref().map_or(0, |(_, code)| code.len() * 2 + 80);
        300 + code + self.storage.len() * 140
    }

    fn write(&self, json: &mut Json, options: &TraceOptions) {
        json.object(|json| {
            if let Some(balance) = self.balance {
                json.key("balance").quantity(balance);
            }
            if let Some((hash, code)) = &self.code {
                if !options.disable_code {
                    json.key("code").bytes(code);
                }
                json.key("codeHash").bytes(hash.as_slice());
            }
            if let Some(nonce) = self.nonce {
                json.key("nonce").plain(nonce);
            }
            if !self.storage.is_empty() {
                json.key("storage").object(|json| {
                    for (slot, value) in &self.storage {
                        json.bytes_key(B256::from(*slot).as_slice()).bytes(B256::from(*value).as_slice());
                    }
                });
            }
        });
    }
}

/// What is known of the run beside its changes.
pub(super) struct Around {
    /// Shown in any case: sender, target, coinbase.
    pub always: Vec<Address>,
    /// The sender of a deposit before its mint.
    pub before_mint: Option<(Address, Option<AccountBody>)>,
}

fn code_of<H: Host>(overlay: &mut Overlay<H>, hash: B256) -> Result<Option<(B256, Bytes)>, Fault> {
    if hash == KECCAK256_EMPTY { Ok(None) } else { Ok(Some((hash, overlay.code_by_hash(hash)?.original_bytes()))) }
}

fn sorted_slots(account: Option<&Account>) -> Vec<(U256, U256, U256)> {
    let slots = account.into_iter().flat_map(|account| &account.storage);
    let mut slots: Vec<_> = slots.map(|(key, slot)| (*key, slot.original_value, slot.present_value)).collect();
    slots.sort_unstable_by_key(|(key, ..)| *key);
    slots
}

/// An account that is gone after the transaction.
fn is_deleted(account: &Account) -> bool {
    account.is_selfdestructed() || (account.is_touched() && account.is_empty() && !account.is_created())
}

fn difference<H: Host>(
    overlay: &mut Overlay<H>,
    body: &AccountBody,
    account: &Account,
    options: &TraceOptions,
) -> Result<Option<View>, Fault> {
    let info = &account.info;
    let mut view = View {
        balance: (info.balance != body.balance).then_some(info.balance),
        nonce: (info.nonce != body.nonce).then_some(info.nonce),
        ..View::default()
    };
    if info.code_hash != body.code_hash {
        let known = info.code.as_ref().map(|code| (info.code_hash, code.original_bytes()));
        view.code = if known.is_some() { known } else { code_of(overlay, info.code_hash)? };
        // A delegation that was taken back (EIP-7702).
        view.code = view.code.or(Some((info.code_hash, Bytes::new())));
    }
    let changed = sorted_slots(Some(account)).into_iter().filter(|(_, before, after)| before != after);
    let changed: Vec<_> = changed.map(|(slot, _, after)| (slot, after)).collect();
    let differs = view.balance.is_some() || view.nonce.is_some() || info.code_hash != body.code_hash;
    let modified = differs || (!changed.is_empty() && !options.disable_storage);
    if !options.disable_storage {
        view.storage = changed.into_iter().filter(|(_, value)| !value.is_zero()).collect();
    }
    Ok(modified.then_some(view))
}

/// Writes the answer; the overlay is still as it was before the transaction. Code "trace-too-large" when it is too long.
pub(super) fn write<H: Host>(
    overlay: &mut Overlay<H>,
    state: &EvmState,
    around: &Around,
    options: &TraceOptions,
    out: &mut Json,
) -> Result<(), Fault> {
    let (mut pre, mut post) = (BTreeMap::new(), BTreeMap::new());
    let mut size = 0;
    for address in state.keys().chain(&around.always) {
        if pre.contains_key(address) {
            continue;
        }
        let minted = around.before_mint.as_ref().filter(|(sender, _)| sender == address);
        let body = match minted {
            Some((_, body)) => body.unwrap_or_default(),
            None => overlay.account(address)?.unwrap_or_default(),
        };
        let account = state.get(address);
        let mut keep_unchanged = true;
        if let (true, Some(account)) = (options.diff_mode, account)
            && !is_deleted(account)
        {
            keep_unchanged = false;
            let Some(view) = difference(overlay, &body, account, options)? else { continue };
            size += view.size();
            post.insert(*address, view);
        } else if options.diff_mode && account.is_none() {
            continue;
        }
        if body.is_empty() && !options.include_empty {
            continue;
        }
        let mut storage = if options.disable_storage { Vec::new() } else { sorted_slots(account) };
        if options.diff_mode {
            storage.retain(|(_, before, after)| keep_unchanged || (!before.is_zero() && before != after));
        }
        let view = View {
            balance: Some(body.balance),
            nonce: (body.nonce != 0).then_some(body.nonce),
            code: code_of(overlay, body.code_hash)?,
            storage: storage.into_iter().map(|(slot, before, _)| (slot, before)).collect(),
        };
        size += view.size();
        pre.insert(*address, view);
        if size + out.len() > options.most_bytes {
            return Err(super::too_large());
        }
    }
    let accounts = |json: &mut Json, views: &BTreeMap<Address, View>| {
        json.object(|json| {
            for (address, view) in views {
                view.write(json.bytes_key(address.as_slice()), options);
            }
        });
    };
    if !options.diff_mode {
        accounts(out, &pre);
        return Ok(());
    }
    out.object(|json| {
        accounts(json.key("post"), &post);
        accounts(json.key("pre"), &pre);
    });
    Ok(())
}
