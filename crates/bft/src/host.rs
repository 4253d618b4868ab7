//! The five functions the host gives, and nothing else of the world (the fifth is WASI's clock, so a run is deterministic).

#[cfg(target_arch = "wasm32")]
mod imported {
    #[link(wasm_import_module = "bft")]
    unsafe extern "C" {
        pub fn sign(message: *const u8, length: usize, signature: *mut u8);
        pub fn verify(message: *const u8, length: usize, signature: *const u8, signer: *const u8) -> i32;
        pub fn emit(event: *const u8, length: usize);
    }
}

/// This member's signature over keccak256 of `message`. The host refuses to sign twice for one vote, by trapping.
#[cfg(target_arch = "wasm32")]
pub fn sign(message: &[u8]) -> [u8; 65] {
    let mut signature = [0; 65];
    // SAFETY: the host reads `message` and writes 65 bytes at `signature`.
    unsafe { imported::sign(message.as_ptr(), message.len(), signature.as_mut_ptr()) };
    signature
}

/// Whether `signature` over keccak256 of `message` recovers to `signer`.
#[cfg(target_arch = "wasm32")]
pub fn verify(message: &[u8], signature: &[u8; 65], signer: &[u8; 20]) -> bool {
    // SAFETY: the host only reads, within the given lengths.
    unsafe { imported::verify(message.as_ptr(), message.len(), signature.as_ptr(), signer.as_ptr()) == 1 }
}

/// One event as JSON.
#[cfg(target_arch = "wasm32")]
pub fn emit(event: &[u8]) {
    // SAFETY: the host only reads.
    unsafe { imported::emit(event.as_ptr(), event.len()) };
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::*;

/// Stand-in for the native unit tests: a signature is a copy of the message's first bytes under the signer's address.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::cell::RefCell;

    thread_local! { static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) }; }

    pub fn sign(message: &[u8]) -> [u8; 65] {
        let mut signature = [0; 65];
        for (index, byte) in message.iter().enumerate() {
            signature[index % 65] ^= byte.rotate_left((index % 7) as u32);
        }
        signature
    }
    pub fn verify(message: &[u8], signature: &[u8; 65], _signer: &[u8; 20]) -> bool {
        sign(message) == *signature
    }
    pub fn emit(event: &[u8]) {
        EVENTS.with_borrow_mut(|events| events.push(String::from_utf8_lossy(event).into_owned()));
    }
    #[cfg(test)]
    pub fn take_events() -> Vec<String> {
        EVENTS.take()
    }
}
