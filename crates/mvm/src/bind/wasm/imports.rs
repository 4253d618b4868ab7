//! The host's functions behind the kernel's traits.

extern crate std;

use crate::{
    error::Fault,
    state::{AccountBody, Host},
    trie::{NodeSource, StoredNode},
};
use alloc::{boxed::Box, format, rc::Rc, string::ToString};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt, install_crypto};

#[link(wasm_import_module = "metis")]
unsafe extern "C" {
    fn account(address: *const u8, out: *mut u8) -> i32;
    fn storage(address: *const u8, slot: *const u8, out: *mut u8);
    fn code(hash: *const u8) -> u64;
    fn block_hash(number: u64, out: *mut u8) -> i32;
    fn trie_node(owner: *const u8, path: *const u8, path_length: usize, hash: *const u8) -> u64;
    fn log(level: i32, text: *const u8, length: usize);
    fn crypto_ecrecover(message: *const u8, signature: *const u8, recovery: i32, out: *mut u8) -> i32;
}

/// The state that the embedding program answers for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImportedHost;

/// Bytes the host wrote into memory from `alloc`.
fn given(packed: u64) -> Option<Box<[u8]>> {
    let (pointer, length) = ((packed >> 32) as usize as *mut u8, packed as u32 as usize);
    if packed == 0 {
        return None;
    }
    // SAFETY: the host answers with what `alloc` gave it.
    Some(unsafe { super::take_request(pointer, length) })
}

impl NodeSource for ImportedHost {
    fn node(&mut self, owner: &B256, path: &[u8], hash: &B256) -> Result<StoredNode, Fault> {
        // SAFETY: all pointers stay valid through the call; the host writes only to memory from `alloc`.
        let packed = unsafe { trie_node(owner.as_ptr(), path.as_ptr(), path.len(), hash.as_ptr()) };
        given(packed).map(Rc::from).ok_or_else(|| Fault::new("missing-trie-node", format!("no node with hash {hash}")))
    }
}

impl Host for ImportedHost {
    fn account(&mut self, address: &Address) -> Result<Option<AccountBody>, Fault> {
        let mut out = [0; AccountBody::LENGTH];
        // SAFETY: the host writes at most as many bytes to `out`.
        let found = unsafe { account(address.as_ptr(), out.as_mut_ptr()) } != 0;
        Ok(found.then(|| AccountBody::from_bytes(&out)))
    }

    fn storage(&mut self, address: &Address, slot: &U256) -> Result<U256, Fault> {
        let (slot, mut out) = (slot.to_be_bytes::<32>(), [0u8; 32]);
        // SAFETY: the host writes 32 bytes to `out`.
        unsafe { storage(address.as_ptr(), slot.as_ptr(), out.as_mut_ptr()) };
        Ok(U256::from_be_bytes(out))
    }

    fn code(&mut self, hash: &B256) -> Result<Bytes, Fault> {
        // SAFETY: as in `node`.
        given(unsafe { code(hash.as_ptr()) })
            .map(|code| code.into_vec().into())
            .ok_or_else(|| Fault::new("missing-code", format!("no code with hash {hash}")))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Fault> {
        let mut out = [0u8; 32];
        // SAFETY: the host writes 32 bytes to `out`.
        if unsafe { block_hash(number, out.as_mut_ptr()) } == 0 {
            return Err(Fault::new("missing-block-hash", format!("no hash of block {number}")));
        }
        Ok(out.into())
    }
}

/// The host's key recovery where it has one, pure Rust for the rest.
#[derive(Debug)]
struct HostCrypto;

impl Crypto for HostCrypto {
    fn secp256k1_ecrecover(
        &self,
        signature: &[u8; 64],
        recovery: u8,
        message: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let mut out = [0u8; 64];
        // SAFETY: the host reads 32 and 64 bytes and writes at most 64.
        let answer =
            unsafe { crypto_ecrecover(message.as_ptr(), signature.as_ptr(), i32::from(recovery), out.as_mut_ptr()) };
        let mut word = [0u8; 32];
        match answer {
            0 => return Err(PrecompileHalt::Secp256k1RecoverFailed),
            1 => word[12..].copy_from_slice(&out[..20]),
            3 => word[12..].copy_from_slice(&keccak256(out)[12..]),
            _ => return DefaultCrypto.secp256k1_ecrecover(signature, recovery, message),
        }
        Ok(word)
    }
}

/// Plugs the host's cryptography and its log in, once.
pub(super) fn install() {
    if install_crypto(HostCrypto) {
        std::panic::set_hook(Box::new(|info| write_log(0, &info.to_string())));
    }
}

fn write_log(level: i32, text: &str) {
    // SAFETY: the host reads `length` bytes.
    unsafe { log(level, text.as_ptr(), text.len()) }
}
