// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {IEmissionReserve, RewardParameters} from "../../src/interfaces/IEmissionReserve.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice A messenger in whose place a test speaks for L2.
contract SpeakingMessenger {
    address public xDomainMessageSender;

    function speak(address sender, address target, bytes calldata message) external {
        xDomainMessageSender = sender;
        (bool success, bytes memory reason) = target.call(message);
        assembly {
            if iszero(success) { revert(add(reason, 32), mload(reason)) }
        }
    }
}

/// @notice A bridge that keeps what it is to bring to L2.
contract KeepingBridge {
    address public immutable TOKEN;
    mapping(address to => uint256) public brought;

    constructor(address token) {
        TOKEN = token;
    }

    function bridgeMETISTo(address to, uint256 amount, uint32, bytes calldata) external {
        (bool success,) = TOKEN.call(
            abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, address(this), amount)
        );
        assert(success);
        brought[to] += amount;
    }
}

/// @notice Four seats, a full reserve, and attendances as if L2 had sent them.
abstract contract RewardsFixture is StakingFixture {
    uint256 internal constant YEAR = 365 days;
    /// @dev 200,000 METIS at 20 % for 60 blocks of 12 seconds.
    uint256 internal constant REWARD = 200_000 ether * uint256(2000) * 720 / (10_000 * YEAR);
    address internal immutable ALICE = makeAddress("alice");

    function setUp() public override {
        super.setUp();
        vm.etch(address(0x1111), type(SpeakingMessenger).runtimeCode);
        vm.etch(address(0x2222), address(new KeepingBridge(address(token))).code);
        _endow(1_000_000 ether);
    }

    function _endow(uint256 amount) internal {
        vm.prank(TREASURY);
        token.transfer(address(reserve), amount);
    }

    function _report(uint64 epoch, uint64 blocks, uint256[] memory words) internal {
        _report(epoch, blocks, words, EpochRevenue(0, 0, 0));
    }

    /// @dev The messenger brings the METIS before it calls.
    function _report(uint64 epoch, uint64 blocks, uint256[] memory words, EpochRevenue memory revenue) internal {
        if (revenue.fees + revenue.l1Fees != 0) _endow(revenue.fees + revenue.l1Fees);
        bytes memory message = abi.encodeCall(IEmissionReserve.receiveAttendance, (epoch, blocks, words, revenue));
        SpeakingMessenger(address(0x1111)).speak(Predeploys.METIS_SEQUENCER_SET, address(reserve), message);
    }

    function _distribute(uint64 epoch, uint64 blocks, uint256[] memory words) internal {
        reserve.distribute(epoch, members, blocks, words);
    }

    function _rewardsOf(address signer) internal view returns (uint256) {
        return delegation.rewardsOf(ownerOf(signer), new uint256[](0));
    }

    /// @dev Four members who proposed a quarter of the blocks each and attested all.
    function _evenly(uint256 blocks) internal pure returns (uint256[] memory words) {
        words = new uint256[](1);
        for (uint256 i = 0; i < 4; ++i) {
            words[0] |= (blocks << 32 | blocks / 4) << (64 * i);
        }
    }

    /// @dev One member did everything.
    function _only(uint256 index, uint256 blocks) internal pure returns (uint256[] memory words) {
        words = new uint256[](1);
        words[0] = (blocks << 32 | blocks) << (64 * index);
    }

    function _assertWeiLess(uint256 value, uint256 exact) internal pure {
        vm.assertLe(value, exact);
        vm.assertLe(exact - value, 1);
    }
}

/// @notice What an epoch pays, to whom, and that nobody can say so by hand.
contract RewardsTest is RewardsFixture {
    function test_AFullAttendanceEarnsTheYearlyRateToTheWei() public {
        _report(1, 100, _evenly(100));
        vm.expectEmit(address(reserve));
        emit IEmissionReserve.EpochDistributed(1, REWARD, 0, REWARD / 4 * 4);
        _distribute(1, 100, _evenly(100));
        uint256[] memory none = new uint256[](0);
        for (uint256 seqId = 1; seqId <= 4; ++seqId) {
            vm.assertEq(delegation.rewardsOf(_owner(seqId), none), REWARD / 4);
        }
        vm.assertEq(token.balanceOf(address(delegation)), REWARD / 4 * 4);
    }

    function test_WhoProposesMoreEarnsMoreAndWhoIsAwayEarnsNothing() public {
        // 40 of 100 blocks by the first member, 60 by the second; the third attested 50, the fourth 49.
        uint256 word = (100 << 32 | 40) | (100 << 32 | 60) << 64 | (50 << 32) << 128 | (49 << 32) << 192;
        uint256[] memory words = new uint256[](1);
        words[0] = word;
        _report(1, 100, words);
        _distribute(1, 100, words);
        vm.assertEq(_rewardsOf(members[0].signer), REWARD * 40 / 200 + REWARD / 8);
        vm.assertEq(_rewardsOf(members[1].signer), REWARD * 60 / 200 + REWARD / 8);
        vm.assertEq(_rewardsOf(members[2].signer), REWARD / 16);
        vm.assertEq(_rewardsOf(members[3].signer), 0);
    }

    function test_CommissionFirstThenDelegatorsByShares() public {
        uint256 seqId = pool.seqSigners(members[0].signer);
        address owner = _owner(seqId);
        vm.prank(owner);
        delegation.setCommission(seqId, 1000);
        _delegate("alice", seqId, 10_000 ether);
        _delegate("bob", seqId, 40_000 ether);
        uint64 epoch = _freezeNext();
        (, uint256 totalWeight) = pool.setOf(epoch);
        uint256 reward = reserve.rewardOf(totalWeight);
        uint256[] memory words = _only(0, 100);
        _report(epoch, 100, words);
        (,, SetMember[] memory set) = pool.nextSet();
        reserve.distribute(epoch, set, 100, words);
        // All blocks, and its own weight's part of the attestations.
        uint256 seat =
            (reward * (5000 * 100 * totalWeight + 5000 * 100 * uint256(set[0].weight))) / (10_000 * 100 * totalWeight);
        // Half of the stake is delegated, of which the owner takes a tenth.
        uint256 toDelegators = seat * 50_000 ether * 9000 / (100_000 ether * 10_000);
        uint256[] memory seats = new uint256[](1);
        seats[0] = seqId;
        vm.assertEq(delegation.rewardsOf(owner, new uint256[](0)), seat - toDelegators);
        _assertWeiLess(delegation.rewardsOf(ALICE, seats), toDelegators / 5);
        _assertWeiLess(delegation.rewardsOf(makeAddress("bob"), seats), toDelegators * 4 / 5);
        // Whoever comes later has no part in it; who leaves keeps theirs.
        _slash(seqId, 0.5e18);
        _delegate("carol", seqId, 10_000 ether);
        vm.assertEq(delegation.rewardsOf(makeAddress("carol"), seats), 0);
        uint256 earned = delegation.rewardsOf(ALICE, seats);
        _undelegateAll("alice", seqId);
        vm.assertEq(delegation.rewardsOf(ALICE, seats), earned);
    }

    function test_RewardsAreWithdrawnOnceToL1OrToL2() public {
        uint256 seqId = pool.seqSigners(members[0].signer);
        _delegate("alice", seqId, 50_000 ether);
        uint256[] memory seats = new uint256[](1);
        seats[0] = seqId;
        _report(1, 10, _evenly(10));
        _distribute(1, 10, _evenly(10));
        uint256 earned = delegation.rewardsOf(ALICE, seats);
        vm.assertGt(earned, 0);
        vm.startPrank(ALICE);
        vm.assertEq(delegation.withdrawRewards(seats), earned);
        vm.assertEq(token.balanceOf(ALICE), earned);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NothingToWithdraw.selector, ALICE));
        delegation.withdrawRewards(seats);
        vm.stopPrank();
        address owner = _owner(seqId);
        uint256 owned = delegation.rewardsOf(owner, seats);
        vm.prank(owner);
        vm.assertEq(delegation.withdrawRewardsToL2(new uint256[](0), ALICE, 0), owned);
        vm.assertEq(KeepingBridge(address(0x2222)).brought(ALICE), owned);
    }

    function test_OnlyTheSequencerSetsMessageBringsAttendance() public {
        uint256[] memory words = _evenly(10);
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.NotSequencerSet.selector, address(this)));
        reserve.receiveAttendance(1, 10, words, EpochRevenue(0, 0, 0));
        bytes memory message = abi.encodeCall(IEmissionReserve.receiveAttendance, (1, 10, words, EpochRevenue(0, 0, 0)));
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.NotSequencerSet.selector, ALICE));
        SpeakingMessenger(address(0x1111)).speak(ALICE, address(reserve), message);
        _report(1, 10, words);
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.AttendanceKnown.selector, 1));
        _report(1, 10, words);
    }

    function test_AnEpochIsPaidOnceForWhatArrivedToTheSetThatServed() public {
        uint256[] memory words = _evenly(10);
        bytes memory wrong = abi.encodeWithSelector(IEmissionReserve.WrongAttendance.selector, 1);
        vm.expectRevert(wrong);
        reserve.distribute(1, members, 10, words);
        _report(1, 10, words);
        vm.expectRevert(wrong);
        reserve.distribute(1, members, 9, words);
        vm.expectRevert(wrong);
        reserve.distribute(1, members, 10, _evenly(11));
        SetMember[] memory other = members;
        other[0].weight += 1;
        (bytes32 setHash,) = pool.setOf(1);
        vm.expectRevert(
            abi.encodeWithSelector(IEmissionReserve.WrongSet.selector, setHash, keccak256(abi.encode(other)))
        );
        reserve.distribute(1, other, 10, words);
        _distribute(1, 10, words);
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.AlreadyDistributed.selector, 1));
        _distribute(1, 10, words);
    }

    function test_ATombstonedSeatEarnsNothing() public {
        _report(1, 10, _evenly(10));
        _report(address(0xbeef), members[0].signer, 7);
        _distribute(1, 10, _evenly(10));
        vm.assertEq(delegation.rewardsOf(ownerOf(members[0].signer), new uint256[](0)), 0);
    }

    function test_OnlyTheReserveCredits() public {
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotEmissionReserve.selector, address(this)));
        delegation.creditRewards(1, new uint256[](0), new uint256[](0));
    }

    function test_ParametersStayWithinTheirBounds() public {
        RewardParameters memory given = _rewardParameters();
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.NotSystemOwner.selector, address(this)));
        reserve.setParameters(given);
        given.rate = 2001;
        _refuse(given, "rate", 2001, 2000);
        given.rate = 0;
        given.proposerShare = 10_001;
        _refuse(given, "proposerShare", 10_001, 10_000);
        given.proposerShare = 10_000;
        given.epochCap = 100_000 ether + 1;
        _refuse(given, "epochCap", 100_000 ether + 1, 100_000 ether);
        given.epochCap = 100_000 ether;
        given.feeProposerShare = 999;
        _refuse(given, "feeProposerShare", 999, 1_000, 9_000);
        given.feeProposerShare = 9_001;
        _refuse(given, "feeProposerShare", 9_001, 1_000, 9_000);
        given.feeProposerShare = 9_000;
        vm.prank(OWNER);
        reserve.setParameters(given);
    }

    function _refuse(RewardParameters memory given, bytes32 name, uint256 value, uint256 most) private {
        _refuse(given, name, value, 0, most);
    }

    function _refuse(RewardParameters memory given, bytes32 name, uint256 value, uint256 least, uint256 most) private {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IEmissionReserve.OutOfBounds.selector, name, value, least, most));
        reserve.setParameters(given);
    }
}

/// @notice Every epoch of a year, of the deployment's set, while rate and cap change and the reserve runs dry.
contract YearOfRewardsTest is RewardsFixture {
    /// @dev Of 720 seconds each.
    uint64 private constant EPOCHS = 43_800;
    /// @dev Epochs to a call: memory is only given back when a call ends.
    uint64 private constant SLICE = 300;

    /// @dev METIS wei that the reserve should hold.
    uint256 private left;

    function test_AYearOfEpochsPaysTheFormulaToTheWeiAndNeverOverdrawsTheReserve() public {
        // Of about 20,000 METIS that the formula names.
        left = 15_000 ether;
        uint256 surplus = token.balanceOf(address(reserve)) - left;
        vm.prank(address(reserve));
        token.transfer(TREASURY, surplus);
        for (uint64 epoch = 0; epoch < EPOCHS; epoch += SLICE) {
            this.payWhileTermsChange(epoch);
        }
        // The last epochs found nothing that four seats can share.
        vm.assertLt(left, 4);
        uint256 owed;
        for (uint256 seqId = 1; seqId <= 4; ++seqId) {
            owed += delegation.rewardsOf(_owner(seqId), new uint256[](0));
        }
        vm.assertEq(token.balanceOf(address(delegation)), owed);
    }

    /// @dev A call of its own, see SLICE.
    function payWhileTermsChange(uint64 first) external {
        RewardParameters memory given = _rewardParameters();
        for (uint64 epoch = first; epoch < first + SLICE; ++epoch) {
            given.rate = uint16(2000 - epoch % 2000);
            given.epochCap = epoch % 100 == 7 ? 0.1 ether : 1000 ether;
            vm.prank(OWNER);
            reserve.setParameters(given);
            _pay(epoch, given);
        }
    }

    function _pay(uint64 epoch, RewardParameters memory given) private {
        uint256 expected = 200_000 ether * uint256(given.rate) * 720 / (10_000 * YEAR);
        if (expected > given.epochCap) expected = given.epochCap;
        if (expected > left) expected = left;
        uint256[] memory words = _evenly(100);
        _report(epoch, 100, words);
        _distribute(epoch, 100, words);
        left -= expected / 4 * 4;
        vm.assertEq(token.balanceOf(address(reserve)), left);
    }
}

/// @notice Gas of paying rewards, however many delegators there are. Recorded in contracts/snapshots/Staking.json.
contract RewardsGasTest is RewardsFixture {
    /// forge-config: default.isolate = true
    function test_GasOfAnEpochsRewards() public {
        uint256 seqId = pool.seqSigners(members[0].signer);
        _delegate("alice", seqId, 50_000 ether);
        _report(0, 10, _evenly(10));
        _distribute(0, 10, _evenly(10));
        _report(1, 10, _evenly(10));
        _distribute(1, 10, _evenly(10));
        vm.snapshotGasLastCall("Staking", "distribute: 4 seats");
        uint256[] memory seats = new uint256[](1);
        seats[0] = seqId;
        vm.prank(ALICE);
        delegation.withdrawRewards(seats);
        vm.snapshotGasLastCall("Staking", "withdrawRewards: 1 seat");
    }
}
