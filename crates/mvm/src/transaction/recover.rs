//! Public key recovery through the installed cryptography.

use super::Signature;
use crate::error::Fault;
use alloy_primitives::{Address, B256, U256, uint};
use revm::precompile::interface::crypto;

const HALF_ORDER: U256 = uint!(0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0_U256);

fn invalid() -> Fault {
    Fault::new("invalid-signature", "no key has this signature")
}

impl Signature {
    /// `low_s`: refuse s above half the curve order (EIP-2).
    pub fn check(&self, low_s: bool) -> Result<(), Fault> {
        if low_s && self.s > HALF_ORDER { Err(invalid()) } else { Ok(()) }
    }
}

/// Address whose key signed `hash`. `low_s`: as in `Signature::check`.
pub fn recover_address(hash: B256, signature: Signature, low_s: bool) -> Result<Address, Fault> {
    signature.check(low_s)?;
    let mut rs = [0; 64];
    rs[..32].copy_from_slice(&signature.r.to_be_bytes::<32>());
    rs[32..].copy_from_slice(&signature.s.to_be_bytes::<32>());
    let word = crypto().secp256k1_ecrecover(&rs, u8::from(signature.y_parity), &hash.0).map_err(|_| invalid())?;
    Ok(Address::from_slice(&word[12..]))
}
