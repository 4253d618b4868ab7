// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {Heartbeat} from "../../src/types/Heartbeat.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {StakingFixture} from "../staking/StakingFixture.sol";
import {BlockSigner} from "./BlockSigner.sol";

/// @notice Four seats of one weight, of which some are gone. leakStart 45 s, silenceLimit 120 s, pinWindow 30 s.
abstract contract HandoverFixture is StakingFixture, BlockSigner {
    uint256 internal constant LEAK = 45;
    uint256 internal constant LIMIT = 120;
    uint256 internal constant PIN_WINDOW = 30;
    /// @dev Since the last batch: from here on two of four outweigh the other two, who count less than half.
    uint256 internal constant HALF_DECAYED = LEAK + (LIMIT - LEAK) / 2 + 1;

    function _beat(address signer) internal {
        Heartbeat memory beat = _heartbeat();
        rescue.heartbeat(beat, _sign(signer, beat.hash()));
    }

    function _heartbeat() internal view returns (Heartbeat memory beat) {
        uint64 number = uint64(block.number - 1);
        return Heartbeat(inbox.generation(), inbox.nextEpoch(), number, L1Chain.hashOf(number));
    }

    function _sign(address signer, bytes32 structHash) internal view override returns (bytes memory) {
        return _signature(signer, keccak256(abi.encodePacked(hex"1901", inbox.domainSeparator(), structHash)));
    }

    /// @notice Time passes in blocks of a second; the first `present` members send a heartbeat every 20 s and at the end.
    function _passWith(uint256 present, uint256 seconds_) internal {
        while (seconds_ > 0) {
            uint256 step = seconds_ < 20 ? seconds_ : 20;
            L1Chain.mine(step, 1);
            seconds_ -= step;
            for (uint256 i = 0; i < present; ++i) {
                _beat(members[i].signer);
            }
        }
    }

    /// @notice From the last batch to the announcement with the first two members.
    function _announce() internal {
        _passWith(2, HALF_DECAYED);
        rescue.announceHandover(members);
    }

    /// @notice A handover to the first two members, whose set is `members` afterwards.
    function _handOver() internal {
        _announce();
        _passWith(2, PIN_WINDOW);
        rescue.handover(members);
        _keepFirst(2);
    }

    function _keepFirst(uint256 count) internal {
        while (members.length > count) {
            members.pop();
        }
    }

    function _blockAttestation(uint64 number, bytes32 blockHash) internal view returns (BlockAttestation memory) {
        return _attestation(inbox, number, blockHash);
    }

    /// @notice Certificate of the first `count` members.
    function _certifyBlock(BlockAttestation memory attestation, uint256 count)
        internal
        view
        returns (Certificate memory)
    {
        return _certificate(attestation, members, count);
    }

    /// @notice Posts the next batch, certified by the set as `members` stands.
    function _post() internal {
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _emptyClaim(header);
        inbox.submitBatch(header, claim, _certify(claim), PAYLOAD);
    }

    function _seatOf(SetMember memory member) internal view returns (uint256) {
        return pool.seqSigners(member.signer);
    }
}
