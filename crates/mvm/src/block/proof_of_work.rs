//! Difficulty before the merge: Frontier, EIP-2, EIP-100, and the delays of the bomb.

use crate::{
    config::Config,
    fork::Fork,
    header::{EMPTY_OMMERS, Header},
};
use alloy_primitives::U256;

const MIN_DIFFICULTY: U256 = U256::from_limbs([131_072, 0, 0, 0]);
const BOUND_DIVISOR: u64 = 2_048;
const BOMB_PERIOD: u64 = 100_000;

/// Blocks by which a fork set the bomb back (EIP-649, 1234, 2384, 3554, 4345, 5133).
const fn bomb_delay(fork: Fork) -> u64 {
    match fork {
        Fork::Frontier | Fork::Homestead | Fork::TangerineWhistle | Fork::SpuriousDragon => 0,
        Fork::Byzantium => 3_000_000,
        Fork::Constantinople | Fork::Petersburg | Fork::Istanbul => 5_000_000,
        Fork::MuirGlacier | Fork::Berlin => 9_000_000,
        Fork::London => 9_700_000,
        Fork::ArrowGlacier => 10_700_000,
        _ => 11_400_000,
    }
}

/// Steps of 1/2048 of the parent's difficulty by which it moves.
fn steps(fork: Fork, parent: &Header, seconds: u64) -> i64 {
    let seconds = seconds.min(1 << 20) as i64;
    if fork < Fork::Homestead {
        return if seconds < 13 { 1 } else { -1 };
    }
    if fork < Fork::Byzantium {
        return (1 - seconds / 10).max(-99);
    }
    let uncles = if parent.ommers_hash == EMPTY_OMMERS { 1 } else { 2 };
    (uncles - seconds / 9).max(-99)
}

/// Difficulty of a block at `timestamp` after `parent`.
pub(super) fn expected_difficulty(config: &Config, parent: &Header, timestamp: u64) -> U256 {
    let number = parent.number + 1;
    let fork = config.fork_at(number, timestamp);
    let quantum = parent.difficulty / U256::from(BOUND_DIVISOR);
    let steps = steps(fork, parent, timestamp.saturating_sub(parent.timestamp));
    let change = quantum.saturating_mul(U256::from(steps.unsigned_abs()));
    let moved =
        if steps < 0 { parent.difficulty.saturating_sub(change) } else { parent.difficulty.saturating_add(change) };
    let period = number.saturating_sub(bomb_delay(fork)) / BOMB_PERIOD;
    let bomb = if period < 2 { U256::ZERO } else { U256::ONE << (period - 2).min(255) };
    moved.max(MIN_DIFFICULTY).saturating_add(bomb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::PureConfig, fork::Activation};
    use alloc::vec::Vec;

    fn config(fork: Fork) -> Config {
        let mut pure = PureConfig::default();
        pure.forks.0 = Vec::from([(fork, Activation::Block(0))]);
        Config::for_tests(pure)
    }

    fn difficulty(fork: Fork, parent_difficulty: u64, seconds: u64) -> u64 {
        let parent = Header {
            difficulty: U256::from(parent_difficulty),
            ommers_hash: EMPTY_OMMERS,
            timestamp: 100,
            ..Header::default()
        };
        expected_difficulty(&config(fork), &parent, 100 + seconds).to()
    }

    #[test]
    fn fast_blocks_raise_the_difficulty_and_slow_ones_lower_it() {
        assert_eq!(difficulty(Fork::Frontier, 2_048_000, 12), 2_049_000);
        assert_eq!(difficulty(Fork::Frontier, 2_048_000, 13), 2_047_000);
        assert_eq!(difficulty(Fork::Homestead, 2_048_000, 9), 2_049_000);
        assert_eq!(difficulty(Fork::Homestead, 2_048_000, 35), 2_046_000);
        assert_eq!(difficulty(Fork::Byzantium, 2_048_000, 8), 2_049_000);
        assert_eq!(difficulty(Fork::Byzantium, 2_048_000, 9), 2_048_000);
        assert_eq!(difficulty(Fork::Byzantium, 2_048_000, 100_000), 2_048_000 - 99_000);
    }

    #[test]
    fn the_difficulty_has_a_floor() {
        assert_eq!(difficulty(Fork::Homestead, 131_072, 1_000), 131_072);
    }
}
