//! Forks of Ethereum and when they start.

use alloc::vec::Vec;
use revm::primitives::hardfork::SpecId;

/// A set of rules. Later ones include earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Fork {
    Frontier,
    Homestead,
    TangerineWhistle,
    SpuriousDragon,
    Byzantium,
    Constantinople,
    Petersburg,
    Istanbul,
    MuirGlacier,
    Berlin,
    London,
    ArrowGlacier,
    GrayGlacier,
    Paris,
    Shanghai,
    Cancun,
    Prague,
    Osaka,
}

const NAMES: [(&str, Fork); 18] = [
    ("Frontier", Fork::Frontier),
    ("Homestead", Fork::Homestead),
    ("TangerineWhistle", Fork::TangerineWhistle),
    ("SpuriousDragon", Fork::SpuriousDragon),
    ("Byzantium", Fork::Byzantium),
    ("Constantinople", Fork::Constantinople),
    ("Petersburg", Fork::Petersburg),
    ("Istanbul", Fork::Istanbul),
    ("MuirGlacier", Fork::MuirGlacier),
    ("Berlin", Fork::Berlin),
    ("London", Fork::London),
    ("ArrowGlacier", Fork::ArrowGlacier),
    ("GrayGlacier", Fork::GrayGlacier),
    ("Paris", Fork::Paris),
    ("Shanghai", Fork::Shanghai),
    ("Cancun", Fork::Cancun),
    ("Prague", Fork::Prague),
    ("Osaka", Fork::Osaka),
];

impl Fork {
    /// The fork of this name.
    pub fn named(name: &[u8]) -> Option<Self> {
        NAMES.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, fork)| *fork)
    }

    /// The interpreter's rules. Constantinople runs as Petersburg: the two differ in EIP-1283 alone, which no public chain kept.
    pub const fn spec(self) -> SpecId {
        match self {
            Self::Frontier => SpecId::FRONTIER,
            Self::Homestead => SpecId::HOMESTEAD,
            Self::TangerineWhistle => SpecId::TANGERINE,
            Self::SpuriousDragon => SpecId::SPURIOUS_DRAGON,
            Self::Byzantium => SpecId::BYZANTIUM,
            Self::Constantinople | Self::Petersburg => SpecId::PETERSBURG,
            Self::Istanbul | Self::MuirGlacier => SpecId::ISTANBUL,
            Self::Berlin => SpecId::BERLIN,
            Self::London | Self::ArrowGlacier | Self::GrayGlacier => SpecId::LONDON,
            Self::Paris => SpecId::MERGE,
            Self::Shanghai => SpecId::SHANGHAI,
            Self::Cancun => SpecId::CANCUN,
            Self::Prague => SpecId::PRAGUE,
            Self::Osaka => SpecId::OSAKA,
        }
    }
}

/// When a fork starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// At this block number.
    Block(u64),
    /// At this timestamp.
    Time(u64),
}

/// Forks by activation. Those at block numbers come before those at timestamps.
#[derive(Clone, Debug, Default)]
pub struct ForkSchedule(pub Vec<(Fork, Activation)>);

impl ForkSchedule {
    /// The latest fork active in a block; Frontier before all.
    pub fn at(&self, number: u64, timestamp: u64) -> Fork {
        let active = self.0.iter().filter(|(_, activation)| match activation {
            Activation::Block(start) => number >= *start,
            Activation::Time(start) => timestamp >= *start,
        });
        active.map(|(fork, _)| *fork).max().unwrap_or(Fork::Frontier)
    }
}

/// Blob limits and price curve from a timestamp on (EIP-7840, EIP-7892).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct BlobParameters {
    pub timestamp: u64,
    pub target: u64,
    pub max: u64,
    pub update_fraction: u64,
}

impl BlobParameters {
    /// Of this schedule (ascending) at `timestamp`.
    pub fn at(schedule: &[Self], timestamp: u64) -> Option<Self> {
        schedule.iter().rev().find(|entry| timestamp >= entry.timestamp).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_active_fork_is_chosen() {
        let schedule = ForkSchedule(Vec::from([
            (Fork::Homestead, Activation::Block(1)),
            (Fork::Paris, Activation::Block(5)),
            (Fork::Shanghai, Activation::Time(100)),
        ]));
        assert_eq!(schedule.at(0, 0), Fork::Frontier);
        assert_eq!(schedule.at(4, 10), Fork::Homestead);
        assert_eq!(schedule.at(9, 99), Fork::Paris);
        assert_eq!(schedule.at(9, 100), Fork::Shanghai);
    }

    #[test]
    fn blob_parameters_start_at_their_timestamp() {
        let entry = |timestamp, max| BlobParameters { timestamp, target: 1, max, update_fraction: 1 };
        let schedule = [entry(10, 6), entry(20, 9)];
        assert_eq!(BlobParameters::at(&schedule, 9), None);
        assert_eq!(BlobParameters::at(&schedule, 19).unwrap().max, 6);
        assert_eq!(BlobParameters::at(&schedule, 20).unwrap().max, 9);
    }
}
