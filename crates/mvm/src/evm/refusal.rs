//! Why a transaction was refused, as stable codes (docs/spec/kernel.md, "Codes").

use super::RunError;
use crate::error::Fault;
use alloc::string::ToString;
use revm::{context::result::EVMError, context_interface::result::InvalidTransaction};

const fn code(refusal: &InvalidTransaction) -> &'static str {
    use InvalidTransaction as T;
    match refusal {
        T::PriorityFeeGreaterThanMaxFee => "priority-above-fee-cap",
        T::GasPriceLessThanBasefee => "fee-cap-too-low",
        T::CallerGasLimitMoreThanBlock => "block-gas-exhausted",
        T::CallGasCostMoreThanGasLimit { .. } => "intrinsic-gas-too-low",
        T::GasFloorMoreThanGasLimit { .. } => "floor-gas-too-low",
        T::RejectCallerWithCode => "sender-has-code",
        T::LackOfFundForMaxFee { .. } | T::OverflowPaymentInTransaction => "insufficient-funds",
        T::NonceOverflowInTransaction => "nonce-overflow",
        T::NonceTooHigh { .. } => "nonce-too-high",
        T::NonceTooLow { .. } => "nonce-too-low",
        T::CreateInitCodeSizeLimit => "initcode-too-long",
        T::InvalidChainId | T::MissingChainId => "wrong-chain-id",
        T::TxGasLimitGreaterThanCap { .. } => "gas-above-cap",
        T::BlobGasPriceGreaterThanMax { .. } => "blob-fee-cap-too-low",
        T::EmptyBlobs => "no-blobs",
        T::BlobCreateTransaction => "blob-creation",
        T::TooManyBlobs { .. } => "too-many-blobs",
        T::BlobVersionNotSupported => "blob-version",
        T::EmptyAuthorizationList => "no-authorizations",
        T::Eip2930NotSupported | T::Eip1559NotSupported | T::Eip4844NotSupported | T::Eip7702NotSupported => {
            "unsupported-type"
        }
        _ => "invalid-transaction",
    }
}

impl From<RunError> for Fault {
    fn from(error: RunError) -> Self {
        match error {
            EVMError::Transaction(refusal) => Self::new(code(&refusal), refusal.to_string()),
            EVMError::Database(fault) => fault,
            EVMError::Header(header) => Self::new("invalid-block-environment", header.to_string()),
            EVMError::Custom(message) => Self::new("execution-failed", message),
            EVMError::CustomAny(any) => Self::new("execution-failed", any.to_string()),
        }
    }
}

/// True when the transaction is at fault, false when the state could not be read.
pub const fn is_refusal(error: &RunError) -> bool {
    matches!(error, EVMError::Transaction(_))
}
