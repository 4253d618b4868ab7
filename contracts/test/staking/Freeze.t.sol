// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {Certificates} from "../../src/libraries/Certificates.sol";
import {SetMember, Certificate} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {FrozenSet} from "../../src/types/Seat.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {SetModel} from "./SetModel.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Which set signs in which epoch, and when that is decided.
contract FreezeTest is StakingFixture {
    function test_TheFirstTwoEpochsHaveTheSetOfTheDeployment() public {
        _lock("alice", MAX);
        for (uint64 epoch = 0; epoch < 2; ++epoch) {
            vm.expectRevert(abi.encodeWithSelector(ILockingPool.AlreadyFrozen.selector, epoch));
            pool.freeze(epoch);
        }
        _freezeNext();
        vm.assertEq(pool.frozenSetOf(1).setHash, keccak256(abi.encode(members)));
        vm.assertEq(pool.frozenSetOf(2).epoch, 2);
    }

    function test_OnlyInTheFirstHalfOfTheEpochBefore() public {
        (uint64 epoch, uint64 firstBlock, uint64 lastBlock) = pool.freezeWindow();
        vm.assertEq(epoch, 2);
        vm.assertEq(firstBlock, GENESIS_ANCHOR + EPOCH_LENGTH);
        vm.assertEq(lastBlock, firstBlock + EPOCH_LENGTH / 2 - 1);
        vm.roll(firstBlock - 1);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.FreezeTooEarly.selector, 2, firstBlock));
        pool.freeze(2);
        vm.roll(lastBlock);
        uint256 snapshot = pool.frozenSetCount();
        pool.freeze(2);
        vm.assertEq(pool.frozenSetCount(), snapshot + 1);
    }

    function test_NeverWhenTheTimeIsOver() public {
        (,, uint64 lastBlock) = pool.freezeWindow();
        vm.roll(lastBlock + 1);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.FreezeTooLate.selector, 2, lastBlock));
        pool.freeze(2);
        (uint64 epoch, uint64 firstBlock,) = pool.freezeWindow();
        vm.assertEq(epoch, 3);
        vm.assertEq(firstBlock, GENESIS_ANCHOR + 2 * EPOCH_LENGTH);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.FreezeTooEarly.selector, 3, firstBlock));
        pool.freeze(3);
    }

    function test_OnceAnEpoch() public {
        uint64 epoch = _freezeNext();
        _lock("alice", MAX);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.AlreadyFrozen.selector, epoch));
        pool.freeze(epoch);
        (uint64 next,,) = pool.freezeWindow();
        vm.assertEq(next, epoch + 1);
    }

    function test_UncalledTheOldSetStays() public {
        _freezeNext();
        _lock("alice", MAX);
        vm.roll(block.number + 5 * EPOCH_LENGTH);
        bytes32 old = pool.frozenSetOf(2).setHash;
        vm.assertEq(pool.frozenSetOf(6).setHash, old);
        uint64 epoch = _freezeNext();
        vm.assertGe(epoch, 7);
        vm.assertEq(pool.frozenSetOf(epoch - 1).setHash, old);
        vm.assertNotEq(pool.frozenSetOf(epoch).setHash, old);
    }

    function testFuzz_AnEpochHasTheSetLastFrozenForIt(uint256 seed, uint64 epoch) public {
        for (uint256 i = 0; i < 12; ++i) {
            vm.roll(block.number + uint256(keccak256(abi.encode(seed, i))) % 3 * EPOCH_LENGTH);
            _freezeNext();
        }
        epoch = uint64(bound(epoch, 0, pool.frozenSetAt(12).epoch + 5));
        FrozenSet memory expected;
        for (uint256 i = 0; i < pool.frozenSetCount(); ++i) {
            FrozenSet memory frozen = pool.frozenSetAt(i);
            if (frozen.epoch <= epoch) expected = frozen;
        }
        vm.assertEq(abi.encode(pool.frozenSetOf(epoch)), abi.encode(expected));
    }

    function test_TheEventShowsTheSetThatCertificatesShow() public {
        _lock("alice", MAX);
        (bytes32 setHash, uint256 totalWeight, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(setHash, keccak256(abi.encode(next)));
        vm.assertEq(next.length, 5);
        (uint64 epoch, uint64 firstBlock,) = pool.freezeWindow();
        vm.roll(firstBlock);
        vm.expectEmit(address(pool));
        emit ILockingPool.EpochFrozen(epoch, setHash, totalWeight, next);
        pool.freeze(epoch);
        FrozenSet memory frozen = pool.frozenSetOf(epoch);
        vm.assertEq(frozen.setHash, setHash);
        vm.assertEq(frozen.totalWeight, totalWeight);
        vm.assertEq(frozen.blockNumber, block.number);
        vm.assertEq(frozen.frozenAt, block.timestamp);
    }

    function test_AWaitingSeatComesInWhenOneLeaves() public {
        for (uint256 i = 0; i < 14; ++i) {
            _lock(string(abi.encodePacked("seat ", bytes1(uint8(97 + i)))), 60_000 ether - i * 1 ether);
        }
        // 18 in line, 16 seats: the four of 50,000 METIS are the lightest, and the older two of them are in.
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 16);
        vm.assertTrue(_isIn(next, members[1].signer));
        vm.assertFalse(_isIn(next, members[2].signer));
        _unlock(1, 50_000 ether);
        (,, next) = pool.nextSet();
        vm.assertFalse(_isIn(next, members[0].signer));
        vm.assertTrue(_isIn(next, members[2].signer));
        vm.assertFalse(_isIn(next, members[3].signer));
    }

    function test_AJailedSeatIsInNoSetUntilItsOwnerFreesIt() public {
        uint64 until = uint64(block.timestamp) + 100;
        vm.prank(address(slashing));
        pool.jail(1, until);
        address owner = _owner(1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.StillJailed.selector, 1, until));
        pool.unjail(1);
        vm.warp(until);
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 3);
        vm.prank(owner);
        pool.unjail(1);
        (,, next) = pool.nextSet();
        vm.assertEq(next.length, 4);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.NotJailed.selector, 1));
        pool.unjail(1);
    }

    /// @dev Otherwise nobody could certify anything any more.
    function test_AnEmptySetIsNotFrozen() public {
        for (uint256 i = 1; i <= 4; ++i) {
            _unlock(i, 50_000 ether);
        }
        (uint64 epoch, uint64 firstBlock,) = pool.freezeWindow();
        vm.roll(firstBlock);
        vm.expectRevert(ILockingPool.EmptySet.selector);
        pool.freeze(epoch);
    }

    function test_AHeavierSeatTakesTheLightestPlaceInAFullLine() public {
        for (uint256 i = pool.line().length; i < pool.MAX_LINE(); ++i) {
            _lock(string(abi.encodePacked("seat ", bytes1(uint8(i)))), 30_000 ether + i);
        }
        // The lightest is the fifth seat, of 30,000 METIS and 4 wei.
        (address late, uint256 lightest) = (makeAddress("late"), pool.weightOf(5));
        _fund(late, MAX);
        vm.assertEq(lightest, 30_000 ether + 4);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.LineFull.selector, lightest));
        this.lock("as light", lightest);
        uint256 seqId = _lock("heavier", lightest + 1);
        vm.assertTrue(pool.sequencers(seqId).inLine);
        vm.assertFalse(pool.sequencers(5).inLine);
        vm.assertEq(pool.line().length, pool.MAX_LINE());
        // It comes back with more.
        address owner = _owner(5);
        _fund(owner, 10_000 ether);
        vm.prank(owner);
        pool.relock(5, 10_000 ether);
        vm.assertTrue(pool.sequencers(5).inLine);
        vm.assertFalse(pool.sequencers(6).inLine);
    }

    /// @dev A call of its own, so that expectRevert sees the whole of it.
    function lock(string memory name, uint256 amount) external {
        _lock(name, amount);
    }

    function test_BatchesOfALaterEpochNeedTheNewSet() public {
        _lock("alice", MAX);
        (,, SetMember[] memory next) = pool.nextSet();
        uint64 epoch = _freezeNext();
        vm.roll(GENESIS_ANCHOR + epoch * EPOCH_LENGTH - 3);
        vm.warp(block.timestamp + EPOCH_LENGTH);
        L1Chain.mine(8, 1);
        _submit(_nextHeader());
        vm.assertEq(inbox.nextEpoch(), epoch);
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _emptyClaim(header);
        Certificate memory old = _certify(claim);
        vm.expectRevert(
            abi.encodeWithSelector(
                Certificates.WrongSet.selector, keccak256(abi.encode(next)), keccak256(abi.encode(members))
            )
        );
        inbox.submitBatch(header, claim, old, PAYLOAD);
        _seat(next);
        _submit(header);
        vm.assertEq(inbox.batchCount(), 3);
    }

    /// forge-config: default.fuzz.runs = 32
    function testFuzz_TheSetIsTheModels(uint256 seed) public {
        for (uint256 i = 0; i < 16; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            _lock(string(abi.encodePacked("seat ", bytes1(uint8(97 + i)))), MIN + draw % (MAX - MIN + 1));
            if (draw % 5 == 0) _slash(1 + draw % 4, draw % 0.7e18);
        }
        (bytes32 setHash, uint256 totalWeight, SetMember[] memory next) = pool.nextSet();
        SetMember[] memory model = SetModel.next(pool, _staking());
        vm.assertEq(abi.encode(next), abi.encode(model));
        vm.assertEq(setHash, keccak256(abi.encode(model)));
        vm.assertEq(totalWeight, SetModel.totalWeight(model));
    }

    /// @dev From now on `set` signs.
    function _seat(SetMember[] memory set) private {
        delete members;
        for (uint256 i = 0; i < set.length; ++i) {
            members.push(set[i]);
        }
    }

    function _isIn(SetMember[] memory set, address signer) private pure returns (bool) {
        for (uint256 i = 0; i < set.length; ++i) {
            if (set[i].signer == signer) return true;
        }
        return false;
    }
}
