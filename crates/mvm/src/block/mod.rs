//! Blocks: built transaction by transaction, executed whole, imported from Ethereum.

mod builder;
mod deposit;
mod env;
mod ethereum;
mod genesis;
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
pub use env::{block_env, cfg_env};
pub use ethereum::{PureInputs, Withdrawal};
pub use genesis::genesis;
pub(crate) use genesis::maybe;
pub(crate) use replay::replay;
pub use rollup::RollupInputs;
pub use sealed::Sealed;
pub use simulate::simulate;
