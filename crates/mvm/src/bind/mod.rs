//! Thin shells around the kernel.

#[cfg(feature = "wasm")]
pub mod wasm;
