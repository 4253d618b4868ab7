//! Blocks: built transaction by transaction, executed whole, imported from Ethereum.

mod builder;
mod contents;
mod deposit;
mod env;
mod ethereum;
mod executed;
mod genesis;
mod history;
mod import;
mod posted;
mod proof_of_work;
mod replay;
mod requests;
mod rollup;
mod sealed;
mod simulate;
#[cfg(test)]
mod tests;

pub use builder::{Block, Inclusion};
pub use contents::Contents;
pub use env::{block_env, cfg_env};
pub use ethereum::{PureInputs, Withdrawal};
pub use executed::{Executed, seal_executed};
pub use genesis::genesis;
pub(crate) use genesis::maybe;
pub(crate) use replay::replay;
pub use rollup::RollupInputs;
pub use sealed::{Seal, Sealed};
pub use simulate::simulate;
