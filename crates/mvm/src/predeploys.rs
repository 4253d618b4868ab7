//! Addresses the state-transition function knows.

use alloy_primitives::{Address, address};

/// Sender of system transactions.
pub const DEPOSITOR: Address = address!("0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001");
/// Receives priority fees.
pub const SEQUENCER_FEE_VAULT: Address = address!("0x4200000000000000000000000000000000000011");
/// The anchor's values.
pub const L1_BLOCK: Address = address!("0x4200000000000000000000000000000000000015");
/// Withdrawals.
pub const MESSAGE_PASSER: Address = address!("0x4200000000000000000000000000000000000016");
/// Receives base fees.
pub const BASE_FEE_VAULT: Address = address!("0x4200000000000000000000000000000000000019");
/// Receives L1 data fees.
pub const L1_FEE_VAULT: Address = address!("0x420000000000000000000000000000000000001A");
/// EIP-2935.
pub const HISTORY: Address = address!("0x0000F90827F1C53a10cb7A02335B175320002935");
/// EIP-4788.
pub const BEACON_ROOTS: Address = address!("0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02");
/// EIP-7002.
pub const WITHDRAWAL_REQUESTS: Address = address!("0x00000961Ef480Eb55e80D19ad83579A64c007002");
/// EIP-7251.
pub const CONSOLIDATION_REQUESTS: Address = address!("0x0000BBdDc7CE488642fb579F8B00f3a590007251");
/// EIP-6110, Ethereum mainnet's and the test vectors'.
pub const DEPOSIT_CONTRACT: Address = address!("0x00000000219ab540356cBB839Cbe05303d7705Fa");
