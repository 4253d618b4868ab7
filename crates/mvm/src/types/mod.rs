//! Objects of the rollup and their hashes (docs/spec/structs.md).

mod deposit;
mod header;
mod inputs;
mod merkle;
#[cfg(test)]
mod vectors;
mod words;

pub use deposit::{Deposit, system_source_hash};
pub use header::{DataHeader, DataMode};
pub use inputs::{BlockInputs, FLAG_BATCH_END, FLAG_FALLBACK};
pub use merkle::merkle_root;
