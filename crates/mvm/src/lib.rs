//! The Metis Virtual Machine: Ethereum's state transition on revm, with what the rollup adds, as a pure function over a
//! host's state. One source for WebAssembly, the proof guest and native tests.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]

extern crate alloc;

pub mod bind;
pub mod block;
pub mod call;
pub mod config;
pub mod derive;
pub mod error;
pub mod evm;
pub mod fee;
pub mod fork;
pub mod header;
pub mod interpreter;
pub mod predeploys;
pub mod query;
pub mod receipt;
pub mod rlp;
pub mod state;
pub mod trace;
pub mod transaction;
pub mod trie;
pub mod types;
