// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClaimStatus} from "../../src/interfaces/IStateClaims.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {OutputRootProof, Withdrawal} from "../../src/types/Withdrawal.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {StorageTrie} from "../base/StorageTrie.sol";
import {L1Fixture} from "./L1Fixture.sol";

contract HappyPathTest is L1Fixture {
    address private immutable ALICE = makeAddress("alice");

    function test_GenesisBatchAndClaimStandFromTheStart() public view {
        vm.assertEq(inbox.batchCount(), 1);
        vm.assertEq(stateClaims.settledCount(), 1);
        (bytes32 outputRoot, uint64 lastBlock) = stateClaims.settledOutput(0);
        vm.assertEq(outputRoot, GENESIS_OUTPUT);
        vm.assertEq(lastBlock, 0);
    }

    function test_DepositBatchClaimSettlementWithdrawal() public {
        vm.prank(TREASURY);
        token.transfer(ALICE, 10 ether);
        vm.startPrank(ALICE, ALICE);
        token.approve(address(portal), 10 ether);
        portal.depositTransaction(ALICE, 10 ether, 4 ether, 100_000, false, "");
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(portal)), 10 ether);
        L1Chain.mine(5, 1);

        Withdrawal memory withdrawal = Withdrawal({
            nonce: 1 << 240, sender: ALICE, target: makeAddress("bob"), value: 3 ether, gasLimit: 0, data: ""
        });
        (bytes32 storageRoot, bytes[] memory proof) = StorageTrie.ofOne(withdrawal.hash());
        OutputRootProof memory output = OutputRootProof(0, keccak256("state"), storageRoot, keccak256("block"));
        uint64 batchIndex = _settleOutput(output.hash());

        portal.finalizeWithdrawal(withdrawal, batchIndex, output, proof);
        vm.assertEq(token.balanceOf(makeAddress("bob")), 3 ether);
        vm.assertEq(token.balanceOf(address(portal)), 7 ether);
        vm.assertTrue(portal.finalizedWithdrawals(withdrawal.hash()));
    }

    function test_ClaimComesLater() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        StateClaim memory claim = _claim(header, GENESIS_OUTPUT, 1, keccak256("output 1"));
        stateClaims.postClaim(1, claim, _certify(claim));
        (ClaimStatus status,,,,) = stateClaims.claimOf(1, GENESIS_OUTPUT);
        vm.assertEq(uint256(status), uint256(ClaimStatus.Posted));
    }

    function test_EscapeAppendsHeaderAndRaisesGeneration() public {
        L1Chain.mine(200, 1);
        inbox.announceEscape();
        L1Chain.mine(30, 1);
        inbox.escape();
        vm.assertEq(inbox.generation(), 1);
        vm.assertEq(inbox.batchCount(), 2);
        vm.assertEq(inbox.head().anchorNumber, uint64(block.number) - L1_DEPTH);
        _submit(_nextHeader());
        vm.assertEq(inbox.batchCount(), 3);
    }
}
