//! EIP-2935: the parent's hash in the history contract, also where it is not known yet.

use super::{Block, RollupInputs};
use crate::{
    error::Fault,
    evm::SYSTEM_ADDRESS,
    predeploys::HISTORY,
    state::{Host, LateHash},
};
use alloy_primitives::{B256, Bytes, KECCAK256_EMPTY, U256, b256};

/// Hashes the contract keeps.
const WINDOW: u64 = 8191;
/// keccak256 of the code that EIP-2935 gives. All that its system call does is to write one slot.
const CODE_HASH: B256 = b256!("6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d");

/// Slot in which block `number`, not zero, finds its parent's hash.
pub(super) fn parent_slot(number: u64) -> U256 {
    U256::from((number - 1) % WINDOW)
}

impl<H: Host> Block<H> {
    /// The system call with the parent's hash.
    pub(super) fn record_parent(&mut self, hash: B256) -> Result<(), Fault> {
        self.machine.system_call(HISTORY, Bytes::copy_from_slice(hash.as_slice()))?;
        Ok(())
    }

    /// As `record_parent`, for a parent whose hash only the host knows, and maybe not yet. Where the contract is EIP-2935's, the
    /// slot is left to `seal_executed`, and the host is asked for the hash if somebody reads it.
    pub(super) fn record_parent_late(&mut self, inputs: &RollupInputs) -> Result<(), Fault> {
        let parent = self.header.number - 1;
        let overlay = self.machine.overlay();
        let code = overlay.account(&HISTORY)?.map_or(KECCAK256_EMPTY, |body| body.code_hash);
        if code == KECCAK256_EMPTY {
            return Ok(());
        }
        // Nobody else can write the slot. No deposit comes from there: it would take a preimage of the address.
        let is_written_again = inputs.deposits.iter().any(|deposit| deposit.from == SYSTEM_ADDRESS);
        if code != CODE_HASH || is_written_again {
            let hash = overlay.host.block_hash(parent)?;
            return self.record_parent(hash);
        }
        let late = LateHash { address: HISTORY, slot: parent_slot(self.header.number), block: parent };
        overlay.expect_hash(late)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use alloy_primitives::{hex, keccak256};

    /// The contract's code, as EIP-2935 deploys it.
    pub(in crate::block) const CODE: [u8; 83] = hex!(
        "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff8143031160425761"
        "1fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
    );

    #[test]
    fn the_code_of_eip_2935_is_known_by_its_hash() {
        assert_eq!(keccak256(CODE), CODE_HASH);
    }

    #[test]
    fn a_hash_stands_where_the_contract_looks_for_it() {
        assert_eq!(parent_slot(1), U256::ZERO);
        assert_eq!(parent_slot(WINDOW), U256::from(WINDOW - 1));
        assert_eq!(parent_slot(WINDOW + 1), U256::ZERO);
    }
}
