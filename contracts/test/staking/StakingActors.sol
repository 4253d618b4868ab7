// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ExitState, Sequencer} from "../../src/interfaces/ILockingPool.sol";
import {IEmissionReserve} from "../../src/interfaces/IEmissionReserve.sol";
import {AttendanceCount, EpochAttendance, SignedReceipt, SlashStatus} from "../../src/interfaces/ISlashingManager.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {OrderReceipt} from "../../src/types/OrderReceipt.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {DelegationActors} from "./DelegationActors.sol";
import {SpeakingMessenger} from "./Rewards.t.sol";
import {SetModel} from "./SetModel.sol";

/// @notice Everybody who may act on the pool, driven at random on an L1 of its own, and the books of what must follow.
contract StakingActors is DelegationActors {
    uint256 private constant WHOLE = 1e18;

    uint256 private names;
    bytes32 private lastOutput = GENESIS_OUTPUT;
    uint64 private nextBlock = 1;

    /// @notice METIS wei that exits have paid.
    uint256 public paidOut;
    /// @notice The set that the model gave at each freeze.
    SetMember[][] private modelSets;
    uint256 public claims;
    uint256 public slashes;
    uint256 public refusals;
    uint256 public orders;
    uint256 public absences;
    uint256 public waits;

    function start() external {
        setUp();
        vm.etch(address(0x1111), type(SpeakingMessenger).runtimeCode);
        modelSets.push();
        for (uint256 i = 0; i < members.length; ++i) {
            modelSets[0].push(members[i]);
        }
    }

    function lock(uint256 amount) external {
        amount = bound(amount, MIN, MAX);
        _lock(string(abi.encodePacked("actor ", vm.toString(++names))), amount);
        lockedIn += amount;
    }

    function relock(uint256 pick, uint256 amount) external {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.status != SeatStatus.Active || seat.amount >= MAX) return;
        amount = bound(amount, 1, MAX - seat.amount);
        _fund(seat.owner, amount);
        vm.prank(seat.owner);
        pool.relock(seqId, amount);
        lockedIn += amount;
    }

    function unlock(uint256 pick, uint256 amount, bool whole) external {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.status != SeatStatus.Active) return;
        if (!whole && seat.amount <= MIN) return;
        amount = whole ? seat.amount : bound(amount, 1, seat.amount - MIN);
        exitCeiling[_unlock(seqId, amount)] = amount;
    }

    function eject(uint256 pick) external {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.status != SeatStatus.Active || seat.amount >= _staking().ejectionBelow) return;
        exitCeiling[pool.eject(seqId)] = seat.amount;
    }

    function updateSigner(uint256 pick) external {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.status != SeatStatus.Active) return;
        uint256 key = _key(string(abi.encodePacked("key ", vm.toString(++names))));
        bytes memory publicKey = SeatKeys.publicKey(key);
        bytes memory proof = SeatKeys.proof(address(pool), seat.owner, key);
        vm.prank(seat.owner);
        // Refused when it was changed since the last freeze.
        try pool.updateSigner(seqId, vm.addr(key), publicKey, proof) {} catch {}
    }

    function freeze(uint256 later) external {
        _pass(later % 40);
        (uint64 epoch, uint64 firstBlock, uint64 lastBlock) = pool.freezeWindow();
        if (block.number < firstBlock || block.number > lastBlock) return;
        SetMember[] memory model = SetModel.next(pool, _staking());
        if (model.length == 0) return;
        pool.freeze(epoch);
        modelSets.push();
        for (uint256 i = 0; i < model.length; ++i) {
            modelSets[modelSets.length - 1].push(model[i]);
        }
    }

    function wait(uint256 time) external {
        _pass(time % 400);
    }

    /// @notice Posts a batch of the epoch's own set and settles it: epochs come to their end.
    function settle(uint256 blocks) external {
        _pass(10 + blocks % (2 * EPOCH_LENGTH));
        SetMember[] memory set = modelSets[_setIndexOf(inbox.nextEpoch())];
        delete members;
        for (uint256 i = 0; i < set.length; ++i) {
            members.push(set[i]);
        }
        bytes32 output = keccak256(abi.encode(lastOutput));
        uint64 batch = _submitWithClaim(lastOutput, nextBlock, output);
        (lastOutput, nextBlock) = (output, nextBlock + 3);
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batch);
    }

    function claim(uint256 pick) external {
        if (pool.totalExits() == 0) return;
        uint256 exitId = 1 + pick % pool.totalExits();
        ExitState memory exit = pool.exitOf(exitId);
        bool due = exit.startedAt != 0 && block.timestamp >= exit.claimableAt && exit.settled;
        uint256 before = token.balanceOf(exit.owner);
        vm.prank(exit.owner);
        try pool.unlockClaim(exitId) {
            uint256 paid = token.balanceOf(exit.owner) - before;
            vm.assertTrue(due && !exit.claimed, "paid before its time, or twice");
            vm.assertTrue(block.timestamp >= exit.queuedAt + _staking().exitDelay, "paid before its time");
            vm.assertTrue(inbox.nextEpoch() > exit.lastEpoch, "paid while it serves");
            vm.assertTrue(paid <= exitCeiling[exitId], "a stake left a slash");
            paidOut += paid;
            ++claims;
        } catch {
            vm.assertTrue(!due || exit.claimed || exit.amount == 0, "an exit that was due was not paid");
            ++refusals;
        }
    }

    /// @notice Another offence's slash, of a part.
    function slash(uint256 pick, uint256 fraction) external {
        uint256 seqId = _pick(pick);
        fraction = bound(fraction, 0, WHOLE / 2);
        _slash(seqId, fraction);
        _lowerCeilings(seqId, fraction);
        ++slashes;
    }

    function equivocate(uint256 pick, uint64 number) external {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (pick % 2 != 0 || seat.amount + seat.exiting == 0) return;
        uint256 slashId = _report(address(0xbeef), seat.signer, number);
        _lowerCeilings(seqId, WHOLE);
        ++slashes;
        if (number % 3 != 0) return;
        _refund(slashId);
    }

    /// @notice An offence that costs a part, with its evidence.
    function offend(uint256 pick, uint64 number, bool absence) external {
        if (absence) _beAbsent(pick);
        else _breakOrder(pick, number);
    }

    /// @dev One sequence for two transactions: a hundredth, as the contract takes it.
    function _breakOrder(uint256 pick, uint64 sequence) private {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.amount + seat.delegated + seat.exiting < 1000) return;
        SignedReceipt memory a = _sign(seat.signer, OrderReceipt(0, keccak256("first"), sequence, 1, 256));
        SignedReceipt memory b = _sign(seat.signer, OrderReceipt(0, keccak256("second"), sequence, 1, 256));
        vm.prank(address(0xbeef));
        try slashing.reportDoubleSequence(a, b) {
            _lowerCeilings(seqId, WHOLE / 100);
            ++orders;
        } catch {}
    }

    /// @dev A member of one of the last epochs' sets was away, or never led, as L2 reports it: a thousandth, and jail.
    function _beAbsent(uint256 pick) private {
        uint64 epoch = inbox.nextEpoch();
        if (epoch > 0 && pick / 64 % 2 == 1) --epoch;
        SetMember[] memory set = modelSets[_setIndexOf(epoch)];
        uint256 seqId = pool.seqSigners(set[pick % set.length].signer);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.amount + seat.delegated + seat.exiting < 10_000) return;
        AttendanceCount memory count = _attendanceOf(epoch);
        if (reserve.attendanceHashOf(epoch) == 0) {
            bytes memory message = abi.encodeCall(
                IEmissionReserve.receiveAttendance, (epoch, count.blocks, count.words, EpochRevenue(0, 0, 0))
            );
            SpeakingMessenger(address(0x1111)).speak(Predeploys.METIS_SEQUENCER_SET, address(reserve), message);
        }
        if (!_reportEpoch(epoch, set, count, pick % set.length)) return;
        _lowerCeilings(seqId, WHOLE / 1000);
        vm.assertTrue(
            seat.status != SeatStatus.Active || pool.sequencers(seqId).jailedUntil > block.timestamp,
            "who was absent goes on"
        );
    }

    /// @dev Nobody was there in every other epoch, and nobody led in the rest.
    function _attendanceOf(uint64 epoch) private pure returns (AttendanceCount memory) {
        if (epoch % 2 == 0) return AttendanceCount(100, new uint256[](0));
        uint256[] memory words = new uint256[](16);
        for (uint256 i = 0; i < 64; ++i) {
            words[i / 4] |= uint256(100_000) << (32 + i % 4 * 64);
        }
        return AttendanceCount(100_000, words);
    }

    function _reportEpoch(uint64 epoch, SetMember[] memory set, AttendanceCount memory count, uint256 index)
        private
        returns (bool)
    {
        vm.prank(address(0xbeef));
        if (count.words.length == 0) {
            try slashing.reportAbsence(EpochAttendance(epoch, set, count.blocks, count.words), index) {
                ++absences;
                return true;
            } catch {
                return false;
            }
        }
        AttendanceCount[] memory counts = new AttendanceCount[](1);
        counts[0] = count;
        try slashing.reportNoProposal(epoch, set, counts, index) {
            ++waits;
            return true;
        } catch {
            return false;
        }
    }

    function refund(uint256 pick) external {
        (uint256 slashId, bool pending) = _pickSlash(pick);
        if (!pending || block.timestamp >= slashing.slashOf(slashId).releaseAt) return;
        _refund(slashId);
    }

    function release(uint256 pick) external {
        (uint256 slashId, bool pending) = _pickSlash(pick);
        if (!pending || block.timestamp < slashing.slashOf(slashId).releaseAt) return;
        slashing.release(slashId);
    }

    function withdraw(uint256 pick) external {
        (uint256 slashId,) = _pickSlash(pick);
        address owner = pick % 3 == 0 ? _named(crowd[pick % crowd.length]) : slashing.slashOf(slashId).owner;
        address account = slashing.credits(owner) > 0 ? owner : address(0xbeef);
        if (slashing.credits(account) == 0) return;
        vm.prank(account);
        slashing.withdraw();
    }

    function jail(uint256 pick, uint64 time) external {
        uint256 seqId = _pick(pick);
        Sequencer memory seat = pool.sequencers(seqId);
        if (seat.status != SeatStatus.Active) return;
        if (seat.jailedUntil == 0) {
            vm.prank(address(slashing));
            pool.jail(seqId, uint64(block.timestamp) + time % 500);
        } else if (block.timestamp >= seat.jailedUntil) {
            vm.prank(seat.owner);
            pool.unjail(seqId);
        }
    }

    /// @notice The set that the model gave at freeze `index`, as certificates show it.
    function modelSet(uint256 index) external view returns (SetMember[] memory) {
        return modelSets[index];
    }

    function world()
        external
        view
        returns (address pool_, address escrow_, address slashing_, address delegation_, address token_)
    {
        return (address(pool), address(escrow), address(slashing), address(delegation), address(token));
    }

    function pendingSlashes() external view returns (uint256 sum) {
        for (uint256 i = 1; i <= slashing.totalSlashes(); ++i) {
            if (slashing.slashOf(i).status == SlashStatus.Pending) sum += slashing.slashOf(i).amount;
        }
    }

    function creditOfAll() external view returns (uint256 sum) {
        sum = slashing.credits(address(0xbeef));
        for (uint256 i = 0; i < crowd.length; ++i) {
            sum += slashing.credits(_named(crowd[i]));
        }
        for (uint256 i = 1; i <= slashing.totalSlashes(); ++i) {
            address owner = slashing.slashOf(i).owner;
            bool seen;
            for (uint256 j = 1; j < i; ++j) {
                seen = seen || slashing.slashOf(j).owner == owner;
            }
            if (!seen) sum += slashing.credits(owner);
        }
    }

    function nextModel() external view returns (SetMember[] memory) {
        return SetModel.next(pool, _staking());
    }

    function _pickSlash(uint256 pick) private view returns (uint256 slashId, bool pending) {
        uint256 count = slashing.totalSlashes();
        if (count == 0) return (0, false);
        slashId = 1 + pick % count;
        pending = slashing.slashOf(slashId).status == SlashStatus.Pending;
    }

    /// @dev Blocks of a second each; only the last ones are asked for by hash.
    function _pass(uint256 blocks) private {
        if (blocks > 5) {
            vm.warp(block.timestamp + blocks - 5);
            vm.roll(block.number + blocks - 5);
            blocks = 5;
        }
        L1Chain.mine(blocks, 1);
    }

    function _setIndexOf(uint64 epoch) private view returns (uint256 index) {
        index = modelSets.length - 1;
        while (pool.frozenSetAt(index).epoch > epoch) {
            --index;
        }
    }

    function _lowerCeilings(uint256 seqId, uint256 fraction) private {
        for (uint256 i = 1; i <= pool.totalExits(); ++i) {
            if (pool.exitOf(i).seqId != seqId) continue;
            exitCeiling[i] = (exitCeiling[i] * (WHOLE - fraction) + WHOLE - 1) / WHOLE;
        }
    }
}
