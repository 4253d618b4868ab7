//! Posted transactions under the block's limit of proofGas (docs/spec/execution.md, "proofGas").

use super::{Block, Inclusion};
use crate::{error::Fault, state::Host, transaction::SignedTransaction};

/// What is charged for bytes that are no transaction: derivation lets none pass.
const UNREADABLE: u64 = 21_000;

pub(super) fn proof_gas_exhausted() -> Fault {
    Fault::new("proof-gas-exhausted", "the block has less proofGas left than the transaction may use")
}

impl<H: Host> Block<H> {
    /// proofGas left: as long as it is gas, what is left of that but what skipped transactions cost.
    pub const fn proof_gas_left(&self) -> u64 {
        self.gas_left().saturating_sub(self.skipped_proof_gas)
    }

    /// As `add`, for the next transaction of the leaf: skipped it costs its intrinsic proofGas, and when that does not fit, it
    /// and all that follow are skipped unread.
    pub fn add_posted(&mut self, bytes: &[u8]) -> Result<Inclusion, Fault> {
        if self.is_proof_gas_exhausted {
            return Ok(self.offered(Inclusion::Refused(proof_gas_exhausted())));
        }
        let tx = SignedTransaction::decode(bytes);
        let least = tx.as_ref().map_or(UNREADABLE, |tx| tx.intrinsic_gas().initial_total_gas());
        if least > self.proof_gas_left() {
            self.is_proof_gas_exhausted = true;
            return Ok(self.offered(Inclusion::Refused(proof_gas_exhausted())));
        }
        let inclusion = self.offer(bytes, tx, None)?;
        if matches!(inclusion, Inclusion::Refused(_)) {
            self.skipped_proof_gas += least;
        }
        Ok(inclusion)
    }
}
