//! Changes whose roots are computed later, by another instance.
//!
//! While a block executes, all that is asked of a storage root is whether there is storage: `Overlay::storage` does not ask for the
//! slots of an account without, and a creation at an address with storage collides (EIP-7610). So an account's root may stay what
//! its parent's state says as long as that answers the question:
//!
//! - "none" is never wrong. A wipe leaves none, and the first slot that gets a value puts `SOME_STORAGE`.
//! - "some" can be wrong, when slot after slot became zero. Then the host is asked for slots, and answers zero. And a creation does not
//!   collide for it: from EIP-161 on whoever writes storage has code or a nonce, and so collides anyway, until a wipe takes both.

use super::{
    AccountBody, AccountChange, EMPTY_ROOT, Host, Overlay, SlotChange, StateDiff, Update, diff::changed_slots,
};
use crate::error::Fault;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Stands for the root of storage that came to be in a block without roots.
pub const SOME_STORAGE: B256 = B256::repeat_byte(0xff);

fn provisional_root(update: &Update, slots: &[SlotChange], is_late: bool) -> B256 {
    let root = update.original.filter(|_| !update.wiped).map_or(EMPTY_ROOT, |body| body.storage_root);
    let has_more = is_late || slots.iter().any(|slot| !slot.after.is_zero());
    if root == EMPTY_ROOT && has_more { SOME_STORAGE } else { root }
}

/// The difference without trie nodes; storage roots are provisional.
pub fn changes_without_roots<H: Host>(overlay: &mut Overlay<H>) -> Result<StateDiff, Fault> {
    let mut diff = StateDiff { codes: overlay.new_codes.clone(), ..StateDiff::default() };
    let late = overlay.late_account();
    for address in overlay.touched() {
        let update = &overlay.accounts[&address];
        let slots = match update.current {
            Some(_) => changed_slots(&mut overlay.host, &address, update)?,
            None => Vec::new(),
        };
        let root = provisional_root(update, &slots, late == Some(address));
        let (before, after) = (update.original, update.current.map(|body| AccountBody { storage_root: root, ..body }));
        let had_storage = before.is_some_and(|body| body.storage_root != EMPTY_ROOT);
        let wiped = had_storage && (update.wiped || after.is_none());
        if before != after || wiped || !slots.is_empty() {
            diff.accounts.push(AccountChange { address, before, after, wiped, slots });
        }
    }
    Ok(diff)
}

/// The overlay that a block with these changes had at its end, over a host that knows the exact roots of the parent's state.
pub fn restore<H: Host>(host: H, changes: StateDiff) -> Result<Overlay<H>, Fault> {
    let mut overlay = Overlay::new(host);
    overlay.new_codes = changes.codes;
    for AccountChange { address, after, wiped, slots, .. } in changes.accounts {
        let update = overlay.update(&address)?;
        let storage_root = update.original.unwrap_or_default().storage_root;
        update.current = after.map(|body| AccountBody { storage_root, ..body });
        update.touched = true;
        update.wiped = wiped;
        for SlotChange { slot, before, after } in slots {
            update.read.insert(slot, before);
            update.written.insert(slot, after);
        }
    }
    Ok(overlay)
}
