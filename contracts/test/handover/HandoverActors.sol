// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Pin} from "../../src/interfaces/IEmergencyHandover.sol";
import {BatchInbox} from "../../src/l1/BatchInbox.sol";
import {EmergencyHandover} from "../../src/l1/EmergencyHandover.sol";
import {LockingPool} from "../../src/l1/LockingPool.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {Heartbeat} from "../../src/types/Heartbeat.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {Test} from "../base/Test.sol";
import {BlockSigner} from "./BlockSigner.sol";

/// @notice Members that come and go, time, escapes, frozen sets, and whoever calls what, driven at random. Counts silence its
///         own way and notes every call whose outcome is another than it expects.
contract HandoverActors is Test, BlockSigner {
    uint256 private constant LEAK = 45;
    uint256 private constant LIMIT = 120;
    uint256 private constant PIN_WINDOW = 30;
    uint256 private constant MIN_SEATS = 2;

    EmergencyHandover private immutable RESCUE;
    BatchInbox private immutable INBOX;
    LockingPool private immutable POOL;

    /// @notice The set in force, as the model has it.
    SetMember[] public members;
    mapping(address signer => uint256) private keyOf;
    mapping(address signer => uint256) private seen;
    uint256 private since;
    /// 0: no announcement in force
    uint256 private readyAt;
    uint64 private pinned;

    /// @notice Outcomes that the model did not expect.
    uint256 public surprises;
    uint256 public handovers;
    mapping(uint256 index => bytes32) public setHashOf;
    mapping(uint256 index => uint64) public pinOf;

    constructor(
        EmergencyHandover rescue,
        BatchInbox inbox,
        LockingPool pool,
        SetMember[] memory seats,
        uint256[] memory keys
    ) {
        (RESCUE, INBOX, POOL) = (rescue, inbox, pool);
        since = block.timestamp;
        for (uint256 i = 0; i < seats.length; ++i) {
            members.push(seats[i]);
            keyOf[seats[i].signer] = keys[i];
        }
    }

    function passTime(uint256 seconds_) external {
        L1Chain.mine(bound(seconds_, 1, 40), 1);
    }

    /// @dev Those before `count` are there.
    function beat(uint256 count) external {
        count = bound(count, 0, members.length);
        for (uint256 i = 0; i < count; ++i) {
            uint64 number = uint64(block.number - 1);
            Heartbeat memory given = Heartbeat(INBOX.generation(), INBOX.nextEpoch(), number, L1Chain.hashOf(number));
            RESCUE.heartbeat(given, _sign(members[i].signer, given.hash()));
            seen[members[i].signer] = block.timestamp;
        }
    }

    function announce() external {
        bool expected = readyAt == 0 && _hasCause();
        (bool done,) = address(RESCUE).call(abi.encodeCall(RESCUE.announceHandover, (members)));
        if (done != expected) ++surprises;
        if (!done) return;
        readyAt = block.timestamp + PIN_WINDOW;
        pinned = 0;
    }

    function pin(uint256 number, uint256 signers) external {
        number = bound(number, 1, 50);
        signers = bound(signers, 0, members.length);
        bytes32 blockHash = keccak256(abi.encode("block", number));
        BlockAttestation memory attestation = _attestation(INBOX, uint64(number), blockHash);
        bool expected = readyAt != 0 && number > pinned && signers * 3 > members.length * 2;
        bytes memory call_ = abi.encodeCall(RESCUE.pin, (attestation, _certificate(attestation, members, signers)));
        (bool done,) = address(RESCUE).call(call_);
        if (done != expected) ++surprises;
        if (done) pinned = uint64(number);
    }

    function handover() external {
        bool expected = readyAt != 0 && block.timestamp >= readyAt && _hasCause();
        (bool done,) = address(RESCUE).call(abi.encodeCall(RESCUE.handover, (members)));
        if (done != expected) ++surprises;
        if (!done) return;
        for (uint256 i = members.length; i > 0; --i) {
            if (_silence(members[i - 1].signer) < LEAK) continue;
            for (uint256 j = i; j < members.length; ++j) {
                members[j - 1] = members[j];
            }
            members.pop();
        }
        setHashOf[handovers] = keccak256(abi.encode(members));
        pinOf[handovers] = pinned;
        ++handovers;
        since = block.timestamp;
        (readyAt, pinned) = (0, 0);
    }

    function escape() external {
        if (INBOX.escapeReadyAt() == 0) {
            if (block.timestamp < INBOX.escapeCauseAt()) return;
            INBOX.announceEscape();
            L1Chain.mine(PIN_WINDOW, 1);
        }
        if (block.timestamp < INBOX.escapeReadyAt()) return;
        INBOX.escape();
        (readyAt, pinned) = (0, 0);
    }

    function _hasCause() private view returns (bool) {
        uint256 present;
        uint256 total;
        uint256 counted;
        uint256 seats;
        for (uint256 i = 0; i < members.length; ++i) {
            uint256 weight = members[i].weight;
            uint256 silence = _silence(members[i].signer);
            total += weight;
            if (silence < LEAK) (present, counted, seats) = (present + weight, counted + weight, seats + 1);
            else if (silence < LIMIT) counted += (weight * (LIMIT - silence) + LIMIT - LEAK - 1) / (LIMIT - LEAK);
        }
        return present * 3 <= total * 2 && present * 3 > counted * 2 && seats >= MIN_SEATS;
    }

    function _silence(address signer) private view returns (uint256) {
        uint256 last = seen[signer] > since ? seen[signer] : since;
        return block.timestamp - last;
    }

    function _sign(address signer, bytes32 structHash) internal view override returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", INBOX.domainSeparator(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
        return abi.encodePacked(r, s, v);
    }
}
