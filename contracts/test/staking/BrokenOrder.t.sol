// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    IncludedReceipt,
    ISlashingManager,
    Offence,
    SignedReceipt,
    Slash
} from "../../src/interfaces/ISlashingManager.sol";
import {MerkleRoot} from "../../src/libraries/MerkleRoot.sol";
import {OrderReceipt} from "../../src/types/OrderReceipt.sol";
import {OrderFixture} from "./OrderFixture.sol";

/// @notice A leader against its own receipts: what proves it, and what it costs.
contract BrokenOrderTest is OrderFixture {
    address private immutable REPORTER = makeAddress("reporter");

    /// @dev Blocks 1 and 3 are the leader's, block 2 another's; all of the second batch are the leader's.
    function setUp() public override {
        super.setUp();
        _settleBlocks(leader, members[1].signer, leader);
        _settleBlocks(leader, leader, leader);
    }

    function test_AnEarlierBlockAgainstTheSequenceCostsAHundredth() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        _delegate("dora", 1, 20_000 ether);
        IncludedReceipt memory late = _included(3, 0, 7);
        IncludedReceipt memory early = _included(1, 1, 9);
        vm.prank(REPORTER);
        uint256 slashId = slashing.reportBrokenOrder(late, early);
        vm.assertEq(pool.sequencers(1).amount, 39_600 ether);
        vm.assertEq(pool.sequencers(1).delegated, 19_800 ether);
        vm.assertEq(pool.sequencers(1).exiting, 9900 ether);
        vm.assertEq(pool.exitOf(exitId).amount, 9900 ether);
        vm.assertEq(delegation.delegationOf(1, makeAddress("dora")), 19_800 ether);
        vm.assertEq(slashing.credits(REPORTER), 140 ether);
        Slash memory slash = slashing.slashOf(slashId);
        vm.assertEq(uint256(slash.offence), uint256(Offence.BrokenOrder));
        vm.assertEq(slash.amount, 560 ether);
    }

    function test_AlsoWithinABlock() public {
        slashing.reportBrokenOrder(_included(1, 1, 7), _included(1, 0, 9));
        vm.assertEq(pool.sequencers(1).amount, 49_500 ether);
    }

    function test_AndInTwoBatches() public {
        slashing.reportBrokenOrder(_included(5, 0, 7), _included(3, 1, 8));
        vm.assertEq(pool.sequencers(1).amount, 49_500 ether);
    }

    function test_OrderThatWasKeptProvesNothing() public {
        _refuse(abi.encodeWithSelector(ISlashingManager.OrderKept.selector), _included(1, 0, 7), _included(3, 0, 9));
        _refuse(abi.encodeWithSelector(ISlashingManager.OrderKept.selector), _included(3, 0, 7), _included(3, 1, 9));
        // One transaction with two receipts stands where it stands.
        _refuse(abi.encodeWithSelector(ISlashingManager.OrderKept.selector), _included(3, 0, 7), _included(3, 0, 9));
    }

    function test_TheLowerSequenceIsTheOneThatWasPassedOver() public {
        _refuse(abi.encodeWithSelector(ISlashingManager.NoConflict.selector), _included(3, 0, 9), _included(1, 0, 7));
        _refuse(abi.encodeWithSelector(ISlashingManager.NoConflict.selector), _included(3, 0, 9), _included(1, 0, 9));
    }

    function test_BlocksOfOthersDoNotBindTheLeader() public {
        _refuse(
            abi.encodeWithSelector(ISlashingManager.ReceiptDoesNotBind.selector, 2),
            _included(2, 0, 7),
            _included(1, 0, 9)
        );
        _refuse(
            abi.encodeWithSelector(ISlashingManager.ReceiptDoesNotBind.selector, 2),
            _included(3, 0, 7),
            _included(2, 0, 9)
        );
    }

    function test_AReceiptBindsInItsBlocksAlone() public {
        IncludedReceipt memory late = _included(3, 0, 7);
        IncludedReceipt memory early = _included(1, 0, 9);
        OrderReceipt memory receipt = late.signed.receipt;
        (receipt.firstBlock, receipt.lastBlock) = (4, 259);
        late.signed = _sign(leader, receipt);
        _refuse(abi.encodeWithSelector(ISlashingManager.ReceiptDoesNotBind.selector, 3), late, early);
        (receipt.firstBlock, receipt.lastBlock) = (1, 2);
        late.signed = _sign(leader, receipt);
        _refuse(abi.encodeWithSelector(ISlashingManager.ReceiptDoesNotBind.selector, 3), late, early);
        (receipt.firstBlock, receipt.lastBlock) = (3, 3);
        late.signed = _sign(leader, receipt);
        slashing.reportBrokenOrder(late, early);
    }

    function test_BlocksOfAnotherGenerationDoNotBind() public {
        IncludedReceipt memory late = _included(3, 0, 7);
        IncludedReceipt memory early = _included(1, 0, 9);
        late.signed.receipt.generation = 1;
        late.signed = _sign(leader, late.signed.receipt);
        _refuse(abi.encodeWithSelector(ISlashingManager.NoConflict.selector), late, early);
        early.signed.receipt.generation = 1;
        early.signed = _sign(leader, early.signed.receipt);
        _refuse(abi.encodeWithSelector(ISlashingManager.ReceiptDoesNotBind.selector, 3), late, early);
    }

    function test_ReceiptsOfTwoKeysProveNothing() public {
        IncludedReceipt memory late = _included(3, 0, 7);
        late.signed = _sign(members[1].signer, late.signed.receipt);
        _refuse(
            abi.encodeWithSelector(ISlashingManager.NotOneSigner.selector, members[1].signer, members[0].signer),
            late,
            _included(1, 0, 9)
        );
    }

    function test_AnotherTransactionThanTheReceiptsProvesNothing() public {
        IncludedReceipt memory late = _included(3, 0, 7);
        late.inclusion = _inclusion(3, 1);
        bytes32 given = keccak256(_transaction(3, 1));
        _refuse(
            abi.encodeWithSelector(
                ISlashingManager.WrongTransaction.selector, late.signed.receipt.transactionHash, given
            ),
            late,
            _included(1, 0, 9)
        );
    }

    function test_OnlySettledClaimsCount() public {
        uint64 batchIndex = _claimBlocks(leader, leader, leader);
        _refuse(
            abi.encodeWithSelector(ISlashingManager.ClaimNotSettled.selector, batchIndex),
            _included(7, 1, 7),
            _included(7, 0, 9)
        );
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batchIndex);
        slashing.reportBrokenOrder(_included(7, 1, 7), _included(7, 0, 9));
    }

    function test_AnInventedClaimProvesNothing() public {
        IncludedReceipt memory late = _included(3, 0, 7);
        late.inclusion.claim.outputsRoot = keccak256("another");
        _refuse(abi.encodeWithSelector(ISlashingManager.ClaimNotSettled.selector, 1), late, _included(1, 0, 9));
    }

    /// @dev A block's number is its place in the claim: another's path does not carry it.
    function test_AnotherBlocksPathProvesNothing() public {
        IncludedReceipt memory late = _included(5, 0, 7);
        late.inclusion.outputPath = _inclusion(4, 0).outputPath;
        _refuse(abi.encodeWithSelector(ISlashingManager.BlockNotInClaim.selector, 5), late, _included(1, 0, 9));
        late.inclusion = _inclusion(5, 0);
        late.inclusion.batchIndex = 1;
        late.inclusion.claim = claims[1];
        _refuse(abi.encodeWithSelector(ISlashingManager.BlockNotInClaim.selector, 5), late, _included(1, 0, 9));
    }

    function test_APathHasOneForm() public {
        IncludedReceipt memory late = _included(3, 0, 7);
        late.inclusion.outputPath = new bytes32[](0);
        _refuse(abi.encodeWithSelector(MerkleRoot.WrongPathLength.selector, 0), late, _included(1, 0, 9));
        late.inclusion.outputPath = new bytes32[](3);
        _refuse(abi.encodeWithSelector(MerkleRoot.WrongPathLength.selector, 3), late, _included(1, 0, 9));
    }

    function test_EvidenceCountsOnceForWhatWasPassedOver() public {
        slashing.reportBrokenOrder(_included(3, 0, 7), _included(1, 0, 9));
        bytes32 evidenceId = keccak256(abi.encode(Offence.BrokenOrder, leader, GENERATION, uint64(7)));
        vm.assertTrue(slashing.evidenceUsed(evidenceId));
        _refuse(
            abi.encodeWithSelector(ISlashingManager.EvidenceUsed.selector, evidenceId),
            _included(3, 0, 7),
            _included(1, 1, 10)
        );
        // Another one that was passed over is another offence.
        slashing.reportBrokenOrder(_included(4, 0, 6), _included(1, 1, 10));
        vm.assertEq(slashing.totalSlashes(), 2);
    }

    function test_OneSequenceForTwoTransactionsNeedsNoBlocks() public {
        SignedReceipt memory a = _sign(leader, _receipt(90, 0, 7));
        SignedReceipt memory b = _sign(leader, _receipt(91, 0, 7));
        slashing.reportDoubleSequence(a, b);
        vm.assertEq(pool.sequencers(1).amount, 49_500 ether);
        bytes32 evidenceId = keccak256(abi.encode(Offence.BrokenOrder, leader, GENERATION, uint64(7)));
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.EvidenceUsed.selector, evidenceId));
        slashing.reportDoubleSequence(b, a);
    }

    function test_TwoSequencesAndOneTransactionTwiceAreNoDoubleSequence() public {
        SignedReceipt memory a = _sign(leader, _receipt(90, 0, 7));
        SignedReceipt memory b = _sign(leader, _receipt(91, 0, 8));
        vm.expectRevert(ISlashingManager.NoConflict.selector);
        slashing.reportDoubleSequence(a, b);
        OrderReceipt memory again = _receipt(90, 0, 7);
        (again.firstBlock, again.lastBlock) = (300, 555);
        b = _sign(leader, again);
        vm.expectRevert(ISlashingManager.NoConflict.selector);
        slashing.reportDoubleSequence(a, b);
    }

    function test_AStrangersReceiptsBindNoSeat() public {
        address stranger = vm.addr(_key("stranger"));
        SignedReceipt memory a = _sign(stranger, _receipt(90, 0, 7));
        SignedReceipt memory b = _sign(stranger, _receipt(91, 0, 7));
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotASeat.selector, stranger));
        slashing.reportDoubleSequence(a, b);
    }

    /// @dev A slash of a part does not end a seat; below what a seat needs anyone may.
    function test_ASeatThatFallsBelowTheFloorIsEjected() public {
        uint256 seqId = _lock("small", MIN);
        leader = vm.addr(_key("small"));
        for (uint64 sequence = 1; pool.stakeOf(seqId).own >= _staking().ejectionBelow; ++sequence) {
            SignedReceipt memory a = _sign(leader, _receipt(90, 0, sequence));
            SignedReceipt memory b = _sign(leader, _receipt(91, 0, sequence));
            slashing.reportDoubleSequence(a, b);
        }
        vm.assertEq(slashing.totalSlashes(), 11);
        pool.eject(seqId);
        vm.assertEq(pool.stakeOf(seqId).own, 0);
    }

    function testFuzz_AFlippedBitProvesNothing(uint256 where, uint256 position) public {
        IncludedReceipt memory late = _included(3, 0, 7);
        bytes[5] memory parts = [
            late.inclusion.header,
            late.inclusion.transactionProof[0],
            late.inclusion.transactionProof[1],
            late.signed.signature,
            abi.encode(late.inclusion.outputPath[0])
        ];
        bytes memory part = parts[where % 5];
        position = bound(position, 0, part.length * 8 - 1);
        part[position / 8] ^= bytes1(uint8(1 << (position % 8)));
        late.inclusion.outputPath[0] = bytes32(parts[4]);
        IncludedReceipt memory early = _included(1, 0, 9);
        vm.expectRevert();
        slashing.reportBrokenOrder(late, early);
    }

    function _refuse(bytes memory reason, IncludedReceipt memory passedOver, IncludedReceipt memory preferred) private {
        vm.expectRevert(reason);
        slashing.reportBrokenOrder(passedOver, preferred);
    }
}
