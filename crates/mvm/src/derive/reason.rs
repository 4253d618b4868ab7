//! Why a batch derives as deposits-only blocks.

/// A rule that the batch breaks (docs/spec/derivation.md, "A batch is bad when").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// dataMode 3: there never was a payload.
    NoData,
    /// dataMode 2: the data was demanded and not published.
    Withheld,
    /// The payload's length is not the header's payloadSize, or zero.
    PayloadSize,
    /// Blobs hold something that no payload packs to.
    BlobPacking,
    /// Another version byte.
    PayloadVersion,
    /// Not a DEFLATE stream that ends where the payload does.
    Deflate,
    /// More than maxBatchBytes inflated.
    BatchTooLarge,
    /// The content is not the canonical form of any blocks.
    Encoding,
    /// A block above maxBlockBytes.
    BlockTooLarge,
    /// Time does not grow, lies before the anchor's, or is out of range.
    Time,
    /// The generation is above the header's.
    Generation,
    /// An anchor step above maxAnchorStep, or past the header's anchor.
    Anchor,
    /// The deposits of an anchor step pass depositGasLimit.
    DepositGas,
    /// A user transaction in a block past maxDrift.
    Drift,
    /// A block after the one that leaves the batch's epoch.
    Epoch,
    /// A transaction that no state makes valid.
    Transaction,
    /// The last block is not the one the header names.
    HeaderMismatch,
}

impl Reason {
    /// Stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoData => "no-data",
            Self::Withheld => "withheld",
            Self::PayloadSize => "payload-size",
            Self::BlobPacking => "blob-packing",
            Self::PayloadVersion => "payload-version",
            Self::Deflate => "deflate",
            Self::BatchTooLarge => "batch-too-large",
            Self::Encoding => "encoding",
            Self::BlockTooLarge => "block-too-large",
            Self::Time => "time",
            Self::Generation => "generation",
            Self::Anchor => "anchor",
            Self::DepositGas => "deposit-gas",
            Self::Drift => "drift",
            Self::Epoch => "epoch",
            Self::Transaction => "transaction",
            Self::HeaderMismatch => "header-mismatch",
        }
    }
}
