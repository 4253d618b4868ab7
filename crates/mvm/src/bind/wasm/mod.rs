//! The WebAssembly shell: memory, imports, exports (docs/spec/kernel.md).
//!
//! An instance serves one thread and one call at a time, so its state lies in one cell.
#![allow(unsafe_code)]

mod cache;
mod exports;
mod heap;
mod imports;

use crate::{
    block::{Block, Executed, Seal, Sealed},
    config::Config,
    error::Fault,
    rlp,
};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use cache::CachedHost;
use core::cell::RefCell;

/// What an instance keeps between calls.
struct Instance {
    config: Option<Rc<Config>>,
    block: Option<Block<CachedHost>>,
    /// The last response; the host has read it before it calls again.
    response: Vec<u8>,
}

struct SingleThread(RefCell<Instance>);

// SAFETY: WebAssembly without shared memory has one thread.
unsafe impl Sync for SingleThread {}

static INSTANCE: SingleThread =
    SingleThread(RefCell::new(Instance { config: None, block: None, response: Vec::new() }));

impl Instance {
    fn config(&self) -> Result<Rc<Config>, Fault> {
        self.config.clone().ok_or_else(|| Fault::new("not-configured", "configure comes first"))
    }
}

/// Takes back the request the host wrote into memory from `alloc`.
///
/// # Safety
/// `pointer` and `length` come from `alloc` and are used once.
unsafe fn take_request(pointer: *mut u8, length: usize) -> Box<[u8]> {
    // SAFETY: by the contract above, this is the boxed slice that `alloc` leaked.
    unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(pointer, length)) }
}

/// The body of an answer.
trait Answer {
    fn put(self, out: &mut Vec<u8>);
}

impl Answer for Vec<u8> {
    fn put(mut self, out: &mut Vec<u8>) {
        out.append(&mut self);
    }
}

macro_rules! answers {
    ($($block:ty),*) => {$(
        impl Answer for $block {
            fn put(self, out: &mut Vec<u8>) {
                Self::put(&self, out);
            }
        }
    )*};
}

answers!(Sealed, Seal, Executed);

/// Runs `serve` and leaves its response in memory: 0 and the body, or 1 and `[code, message]`.
fn respond<A: Answer>(
    pointer: *mut u8,
    length: usize,
    serve: impl FnOnce(&mut Instance, &[u8]) -> Result<A, Fault>,
) -> u64 {
    imports::install();
    // SAFETY: the host passes what `alloc` gave it.
    let request = unsafe { take_request(pointer, length) };
    let mut instance = INSTANCE.0.borrow_mut();
    let mut response = Vec::from([0]);
    match serve(&mut instance, &request) {
        Ok(body) => body.put(&mut response),
        Err(fault) => {
            response[0] = 1;
            rlp::put_list(&mut response, |out| {
                rlp::put_bytes(out, fault.code.as_bytes());
                rlp::put_bytes(out, fault.message.as_bytes());
            });
        }
    }
    instance.response = response;
    (instance.response.as_ptr() as u64) << 32 | instance.response.len() as u64
}
