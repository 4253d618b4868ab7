// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockAttestation} from "../types/BlockAttestation.sol";
import {Certificate, SetMember} from "../types/Certificate.sol";
import {Heartbeat} from "../types/Heartbeat.sol";

/// @notice How long a pool may be silent. Times in seconds.
struct HandoverParameters {
    /// without a batch, until the weight of the silent begins to decay
    uint32 leakStart;
    /// until nothing is left of it, and the seat loses a part of its stake
    uint32 silenceLimit;
    /// least seats of a handed over set
    uint16 minSeats;
}

/// @notice A block that the next generation builds on; number 0: none.
struct Pin {
    uint64 number;
    bytes32 blockHash;
}

/// @notice An announcement counts while nothing of this has changed.
struct Announcement {
    uint64 readyAt;
    /// the generation that ends
    uint32 generation;
    uint64 certifiedAt;
}

/// @notice A generation that a handover began.
struct Handover {
    uint32 generation;
    /// epoch of its first batch
    uint64 epoch;
    uint64 handedOverAt;
    /// L1 block of its HandedOver event
    uint64 blockNumber;
    /// sets that were frozen before: the next one ends what this one says
    uint64 frozenSets;
    /// batches on L1 then: the pin is not among them
    uint64 batchCount;
    bytes32 setHash;
    uint256 totalWeight;
    Pin pin;
}

/// @notice What the announcement of a handover is judged by. Weights in METIS wei.
struct Presence {
    uint256 totalWeight;
    uint256 presentWeight;
    /// of all members, after decay
    uint256 countedWeight;
    /// present members that may take part in a handed over set
    uint256 seats;
}

/// @title IEmergencyHandover
/// @notice The way back when a third of the pool is gone for good (docs/spec/below-two-thirds.md). Anyone may make every
///         call.
interface IEmergencyHandover {
    error OutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    error RelationBroken(bytes32 name);
    error NotSystemOwner(address caller);
    error WrongGeneration(uint32 expected, uint32 given);
    error WrongEpoch(uint64 expected, uint64 given);
    /// @notice The L1 block is not one of the last few.
    error StaleHeartbeat(uint64 l1BlockNumber);
    error WrongBlockHash(uint64 l1BlockNumber, bytes32 expected, bytes32 given);
    /// @notice Nobody's seat has ever had this key.
    error UnknownSigner(address signer);
    /// @notice The members are not the set in force.
    error WrongSet(bytes32 expected, bytes32 given);
    error AlreadyAnnounced(uint64 readyAt);
    error NotAnnounced();
    error HandoverTooEarly(uint64 readyAt);
    /// @notice Those who are there hold more than two thirds and can go on by themselves.
    error EnoughPresent(uint256 presentWeight, uint256 totalWeight);
    /// @notice The silent still weigh too much.
    error NotDecayed(uint256 presentWeight, uint256 countedWeight);
    error TooFewSeats(uint256 seats, uint256 minimum);
    /// @notice The anchor of the block is not known to L1: checkpointAnchor brings it back.
    error AnchorUnknown(uint64 number);
    error WrongAnchorHash(uint64 number, bytes32 expected, bytes32 given);
    /// @notice A block as high is pinned already.
    error NotHigher(uint64 pinned, uint64 given);
    /// @notice No handover has left this member out, or it has been punished for that, or it came back in time.
    error NotSilent(address signer);
    error SilentTooShort(address signer, uint64 limitAt);

    /// @notice The attestation keeps to what its generation is bound to, or that is bound to nothing.
    error PinKept();
    /// @notice The header is not that of the attested block.
    error WrongHeader(bytes32 blockHash);

    event ParametersChanged(HandoverParameters parameters);
    event HeartbeatSeen(address indexed signer, uint64 seenAt);
    event HandoverAnnounced(uint32 indexed generation, uint64 readyAt, uint256 presentWeight, uint256 countedWeight);
    event Pinned(uint32 indexed generation, uint64 number, bytes32 blockHash);
    /// @notice The set holds at once, from `epoch` on, for the generation and those after it.
    event HandedOver(
        uint32 indexed generation,
        uint64 indexed epoch,
        bytes32 setHash,
        uint256 totalWeight,
        SetMember[] members,
        uint64 pinnedNumber,
        bytes32 pinnedHash
    );
    event LeftOut(uint32 indexed generation, address indexed signer, uint64 silentSince);

    /// @param signature of a seat's key over the heartbeat, under the chain's signing domain
    function heartbeat(Heartbeat calldata beat, bytes calldata signature) external;

    /// @notice Opens pinWindow once the present outweigh what is left of the rest.
    /// @param members the set in force
    function announceHandover(SetMember[] calldata members) external;

    /// @notice The highest block of the ending generation that somebody can show to be certified.
    function pin(BlockAttestation calldata attestation, Certificate calldata certificate) external;

    /// @notice Raises the generation and gives it the present members as its set.
    /// @param members the set in force
    function handover(SetMember[] calldata members) external;

    /// @notice A member that the last handover left out and that sent no heartbeat within silenceLimit loses a hundredth of
    ///         its whole seat. The caller is the reporter.
    function ejectSilent(address signer) external returns (uint256 slashId);

    /// @notice An attestation against the block that its generation was begun on: all of the seat, and it never returns.
    /// @dev The caller is the reporter.
    /// @param header RLP header of the attested block when that is the one after the pinned block, else empty
    function reportPinBroken(BlockAttestation calldata attestation, bytes calldata signature, bytes calldata header)
        external
        returns (uint256 slashId);

    function setParameters(HandoverParameters calldata parameters_) external;
    /// @notice Reverts when the parameters contradict those of SystemConfig, which asks after each change of its own.
    function checkRelations() external view;
    function parameters() external view returns (HandoverParameters memory);

    /// @notice The set that signs batches of a generation and an epoch.
    function setFor(uint64 epoch, uint32 generation) external view returns (bytes32 setHash, uint256 totalWeight);

    /// @notice When the leak's clock began: at the last certified batch or handover.
    function silentSince() external view returns (uint64);
    function lastSeen(address signer) external view returns (uint64);
    /// @notice What the call of announceHandover would see now.
    function presenceOf(SetMember[] calldata members) external view returns (Presence memory);
    /// @notice The announcement in force and what is pinned; all zero when there is none.
    function announced() external view returns (Announcement memory announcement, Pin memory pinned);
    function handoverCount() external view returns (uint256);
    function handoverAt(uint256 index) external view returns (Handover memory);
    /// @notice Since when the last handover's silent member has been silent; 0: nothing against it.
    function leftOutSince(address signer) external view returns (uint64);
}
