// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ExitState} from "../../src/interfaces/ILockingPool.sol";
import {SlashStatus} from "../../src/interfaces/ISlashingManager.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Those who delegate, driven at random, and the books of what must follow.
abstract contract DelegationActors is StakingFixture {
    /// @notice METIS wei that has gone into seats.
    uint256 public lockedIn = 200_000 ether;
    uint256 public refunds;
    uint256 public moves;
    uint256 public delegations;
    uint256 public refundClaims;
    /// @notice What is left of a refunded slash for delegators and exits.
    mapping(uint256 slashId => uint256) private refundLeft;
    /// @notice Who delegates.
    string[] internal crowd = ["ann", "ben", "cid", "dot", "eve"];
    /// @notice The most that an exit may still pay: what was queued, less every slash, rounded up.
    mapping(uint256 exitId => uint256) public exitCeiling;

    function delegate(uint256 pick, uint256 amount, uint256 who) external {
        uint256 seqId = _pick(pick);
        uint256 room = delegation.roomOf(seqId);
        if (room < 1 ether) return;
        amount = bound(amount, 1 ether, room < 5000 ether ? room : 5000 ether);
        uint256[] memory worth = _worthOfCrowd(seqId);
        _delegate(crowd[who % crowd.length], seqId, amount);
        uint256[] memory after_ = _worthOfCrowd(seqId);
        for (uint256 i = 0; i < crowd.length; ++i) {
            uint256 most = worth[i] + (i == who % crowd.length ? amount : 0);
            // What rounding leaves is less than a wei a share's worth; nobody loses, and nobody gains more than that.
            vm.assertTrue(after_[i] >= worth[i], "somebody lost by another's delegation");
            vm.assertTrue(after_[i] <= most + 1, "rounding favoured somebody");
        }
        lockedIn += amount;
        ++delegations;
    }

    /// @notice Out of a seat, or on to another one.
    function undelegate(uint256 pick, uint256 part, uint256 who, bool onward) external {
        uint256 seqId = _pick(pick);
        address delegator = makeAddress(crowd[who % crowd.length]);
        uint256 held = delegation.sharesOf(seqId, delegator);
        uint256 worth = delegation.delegationOf(seqId, delegator);
        if (worth == 0) return;
        uint256 shares = bound(part, 1, held);
        uint256 left = worth - worth * shares / held;
        if (left < 2 ether || worth * shares / held < 2) shares = held;
        uint256 target = _pick(part);
        vm.prank(delegator);
        uint256 exitId = onward && target != seqId
            ? delegation.redelegate(seqId, target, shares)
            : delegation.undelegate(seqId, shares);
        uint256 amount = pool.exitOf(exitId).amount;
        vm.assertTrue(amount <= worth, "more left than was there");
        exitCeiling[exitId] = amount;
    }

    /// @notice A redelegated stake whose time has come; whoever calls.
    function move(uint256 pick) external {
        uint256 exitId = _pickMove(pick);
        if (exitId == 0) return;
        uint256 seqId = delegation.targetOf(exitId);
        ExitState memory exit = pool.exitOf(exitId);
        bool due = exit.startedAt != 0 && block.timestamp >= exit.claimableAt && exit.settled && !exit.claimed;
        bool fits = delegation.roomOf(seqId) >= exit.amount && exit.amount >= 1 ether;
        uint256 before = pool.stakeOf(seqId).delegated;
        try delegation.completeRedelegation(exitId) {
            vm.assertTrue(due && fits, "moved before its time");
            uint256 amount = pool.stakeOf(seqId).delegated - before;
            vm.assertTrue(amount <= exitCeiling[exitId], "a stake left a slash");
            ++moves;
        } catch {
            vm.assertTrue(!due || !fits, "a stake that could move did not");
        }
    }

    /// @notice Everything that anybody may have of a refunded slash, some of it again.
    function claimRefund(uint256 pick) external {
        uint256 count = slashing.totalSlashes();
        for (uint256 i = 0; i < count; ++i) {
            uint256 slashId = 1 + (pick % count + i) % count;
            if (slashing.slashOf(slashId).status != SlashStatus.Refunded || refundLeft[slashId] == 0) continue;
            return _claimRefund(slashId);
        }
    }

    function _claimRefund(uint256 slashId) private {
        for (uint256 i = 0; i < crowd.length; ++i) {
            try slashing.claimDelegatorRefund(slashId, _named(crowd[i])) returns (uint256 amount) {
                _bookRefund(slashId, amount);
            } catch {}
        }
        for (uint256 exitId = 1; exitId <= pool.totalExits(); ++exitId) {
            if (pool.exitOf(exitId).seqId != slashing.slashOf(slashId).seqId) continue;
            try slashing.claimExitRefund(slashId, exitId) returns (uint256 amount) {
                _bookRefund(slashId, amount);
            } catch {}
        }
    }

    function _bookRefund(uint256 slashId, uint256 amount) private {
        vm.assertTrue(amount <= refundLeft[slashId], "more was refunded than was taken");
        refundLeft[slashId] -= amount;
        ++refundClaims;
    }

    function _refund(uint256 slashId) internal {
        address owner = slashing.slashOf(slashId).owner;
        uint256 before = slashing.credits(owner);
        vm.prank(COUNCIL);
        slashing.refund(slashId);
        refundLeft[slashId] = slashing.slashOf(slashId).amount - (slashing.credits(owner) - before);
        ++refunds;
    }

    /// @dev One that is due, if there is one from `pick` on.
    function _pickMove(uint256 pick) private view returns (uint256 found) {
        uint256 count = pool.totalExits();
        for (uint256 i = 0; i < count; ++i) {
            uint256 exitId = 1 + (pick % count + i) % count;
            if (delegation.targetOf(exitId) == 0 || pool.exitOf(exitId).claimed) continue;
            found = exitId;
            if (pool.exitOf(exitId).settled && block.timestamp >= pool.exitOf(exitId).claimableAt) return found;
        }
    }

    function _worthOfCrowd(uint256 seqId) private view returns (uint256[] memory worth) {
        worth = new uint256[](crowd.length);
        for (uint256 i = 0; i < crowd.length; ++i) {
            worth[i] = delegation.delegationOf(seqId, _named(crowd[i]));
        }
    }

    function _named(string memory name) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes(name)))));
    }

    function refundsLeft() external view returns (uint256 sum) {
        for (uint256 i = 1; i <= slashing.totalSlashes(); ++i) {
            sum += refundLeft[i];
        }
    }

    function balanceOfCrowd() external view returns (uint256 sum) {
        for (uint256 i = 0; i < crowd.length; ++i) {
            sum += token.balanceOf(_named(crowd[i]));
        }
    }

    /// @notice What the shares of all who delegated to a seat are worth, and how many they are.
    function crowdOf(uint256 seqId) external view returns (uint256 worth, uint256 shares) {
        for (uint256 i = 0; i < crowd.length; ++i) {
            worth += delegation.delegationOf(seqId, _named(crowd[i]));
            shares += delegation.sharesOf(seqId, _named(crowd[i]));
        }
    }

    function _pick(uint256 pick) internal view returns (uint256) {
        return 1 + pick % pool.totalSequencers();
    }
}
