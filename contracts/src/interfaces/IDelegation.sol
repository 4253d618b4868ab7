// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What delegators may rely on, inside hard bounds.
struct DelegationParameters {
    /// METIS wei: least that is delegated at once, and that is left of a delegation
    uint96 minDelegation;
    /// in hundredths of a percent: most that a seat may take of its delegators' rewards
    uint16 maxCommission;
    /// in hundredths of a percent: most that a raise may add
    uint16 commissionStep;
    /// seconds between two raises
    uint32 commissionPeriod;
}

/// @notice How a seat presents itself, in the fields of Metis' sequencer list. Lengths are in bytes of UTF-8.
struct SequencerMetadata {
    /// 1 to 96
    string name;
    /// address of a picture, at most 256
    string avatar;
    /// at most 800
    string desc;
    /// at most 256
    string url;
    /// at most 256
    string media;
}

/// @title IDelegation
/// @notice Stake of others behind a seat, by shares (docs/spec/staking.md, "Delegation").
interface IDelegation {
    error NotSystemOwner(address caller);
    error NotSeqOwner(uint256 seqId, address caller);
    error OutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Less than `minimum` METIS wei would be delegated, or left of it.
    error TooLittle(uint256 amount, uint256 minimum);
    /// @notice More shares than the delegator has, or none.
    error WrongShares(uint256 shares, uint256 available);
    /// @notice All that was delegated to the seat was slashed.
    error DelegationLost(uint256 seqId);
    error SameSeat(uint256 seqId);
    /// @notice The exit was not queued by `redelegate`, or has gone on already.
    error NotRedelegating(uint256 exitId);
    /// @notice A seat's commission rises by a step at a time, and up to a bound.
    error CommissionTooHigh(uint16 commission, uint16 highest);
    error CommissionTooSoon(uint256 seqId, uint64 allowedAt);
    error TextTooLong(bytes32 field, uint256 length, uint256 maximum);
    error NameMissing();
    error NotEmissionReserve(address caller);
    error NothingToWithdraw(address account);

    event ParametersChanged(DelegationParameters parameters);
    event Delegated(uint256 indexed seqId, address indexed delegator, uint256 amount, uint256 shares);
    event Undelegated(
        uint256 indexed seqId, address indexed delegator, uint256 indexed exitId, uint256 amount, uint256 shares
    );
    event Redelegating(uint256 indexed exitId, uint256 indexed fromSeqId, uint256 indexed toSeqId);
    event Redelegated(uint256 indexed exitId, uint256 indexed seqId, uint256 amount);
    /// @notice Holds for rewards of `epoch` and later ones.
    event CommissionChanged(uint256 indexed seqId, uint64 indexed epoch, uint16 commission);
    /// @param toOwner METIS wei of the own stake and of the commission
    event RewardCredited(uint256 indexed seqId, uint64 indexed epoch, uint256 toOwner, uint256 toDelegators);
    event RewardsWithdrawn(address indexed account, uint256 amount);
    event RewardsBridged(address indexed account, address indexed to, uint256 amount);
    event MetadataChanged(uint256 indexed seqId, SequencerMetadata metadata);

    /// @notice Puts `amount` METIS, approved to LockingInfo, behind an active seat.
    function delegate(uint256 seqId, uint256 amount) external returns (uint256 shares);

    /// @notice Puts what `shares` are worth into LockingPool's exit queue; the caller claims it there, by `unlockClaim`.
    function undelegate(uint256 seqId, uint256 shares) external returns (uint256 exitId);

    /// @notice The same for a stake that goes on to another seat when its exit is over.
    function redelegate(uint256 fromSeqId, uint256 toSeqId, uint256 shares) external returns (uint256 exitId);

    /// @notice Puts a redelegated stake whose exit is over behind its new seat. Anyone may call. Its owner may claim the
    ///         exit instead, in LockingPool.
    function completeRedelegation(uint256 exitId) external returns (uint256 shares);

    /// @notice What the seat's owner takes of its delegators' rewards, in hundredths of a percent, from the next epoch
    ///         that is not frozen yet. Raises are bounded; the first one is not while nobody has delegated.
    function setCommission(uint256 seqId, uint16 commission) external;

    /// @notice The seat's owner.
    function setMetadata(uint256 seqId, SequencerMetadata calldata metadata) external;

    /// @notice EmissionReserve: splits what seats earned in an epoch, and sends the METIS with it.
    function creditRewards(uint64 epoch, uint256[] calldata seqIds, uint256[] calldata rewards) external;

    /// @notice Pays what the caller has earned: as a delegator of `seqIds`, and as whom seats' rewards go to.
    function withdrawRewards(uint256[] calldata seqIds) external returns (uint256 amount);

    /// @notice The same to `to` on L2, by the bridge.
    function withdrawRewardsToL2(uint256[] calldata seqIds, address to, uint32 minGasLimit)
        external
        returns (uint256 amount);

    /// @notice SystemConfig's owner.
    function setParameters(DelegationParameters calldata parameters) external;

    function parameters() external view returns (DelegationParameters memory);
    function sharesOf(uint256 seqId, address delegator) external view returns (uint256);
    function totalShares(uint256 seqId) external view returns (uint256);
    /// @notice Both just before the seat's slash number `slash`, counted from 1.
    function sharesBefore(uint256 seqId, address delegator, uint32 slash)
        external
        view
        returns (uint256 shares, uint256 total);
    /// @notice METIS wei that undelegating all shares would put into the queue.
    function delegationOf(uint256 seqId, address delegator) external view returns (uint256 amount);
    /// @notice METIS wei that the seat still takes.
    function roomOf(uint256 seqId) external view returns (uint256 amount);
    /// @notice Exits that `delegator` has queued here, oldest first; claimed ones, too.
    function exitsOf(address delegator) external view returns (uint256[] memory exitIds);
    /// @notice Where a redelegated stake goes; zero: nowhere, or it is there.
    function targetOf(uint256 exitId) external view returns (uint256 seqId);
    /// @notice In hundredths of a percent, for rewards of `epoch`.
    function commissionOf(uint256 seqId, uint64 epoch) external view returns (uint16);
    /// @notice When the next raise is allowed.
    function commissionRaisableAt(uint256 seqId) external view returns (uint64);
    /// @notice METIS wei that `withdrawRewards` with these seats would pay; each seat once.
    function rewardsOf(address account, uint256[] calldata seqIds) external view returns (uint256 amount);
    function metadataOf(uint256 seqId) external view returns (SequencerMetadata memory);
}
