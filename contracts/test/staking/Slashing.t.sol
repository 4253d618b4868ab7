// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILockingPool} from "../../src/interfaces/ILockingPool.sol";
import {ISlashingManager, Offence, Slash, SlashStatus} from "../../src/interfaces/ISlashingManager.sol";
import {Signatures} from "../../src/libraries/Signatures.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Equivocation: what proves it, what it costs, and where the METIS goes.
contract SlashingTest is StakingFixture {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;
    address private immutable REPORTER = makeAddress("reporter");
    address private signer;

    function setUp() public override {
        super.setUp();
        signer = members[0].signer;
    }

    function test_AnEquivocatorLosesAllThatIsLocked() public {
        uint256 exitId = _unlock(1, 10_000 ether);
        uint256 slashId = _report(REPORTER, signer, 7);
        vm.assertEq(uint256(pool.sequencers(1).status), uint256(SeatStatus.Tombstoned));
        vm.assertEq(pool.sequencers(1).amount, 0);
        vm.assertEq(pool.sequencers(1).exiting, 0);
        vm.assertEq(pool.exitOf(exitId).amount, 0);
        vm.assertEq(escrow.totalLocked(), 150_000 ether);
        vm.assertEq(token.balanceOf(address(slashing)), 50_000 ether);
        vm.assertEq(slashing.credits(REPORTER), 10_000 ether);
        Slash memory slash = slashing.slashOf(slashId);
        vm.assertEq(slash.seqId, 1);
        vm.assertEq(uint256(slash.offence), uint256(Offence.Equivocation));
        vm.assertEq(slash.amount, 40_000 ether);
        vm.assertEq(slash.owner, ownerOf(signer));
        vm.assertEq(slash.releaseAt, block.timestamp + 60);
    }

    function test_TheNextSetIsWithoutIt() public {
        bytes32 before = pool.frozenSetOf(1).setHash;
        _report(REPORTER, signer, 7);
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 3);
        uint64 epoch = _freezeNext();
        vm.assertEq(pool.frozenSetOf(epoch).totalWeight, 150_000 ether);
        vm.assertEq(pool.frozenSetOf(epoch - 1).setHash, before);
    }

    function test_ATombstonedSeatNeverComesBack() public {
        _report(REPORTER, signer, 7);
        address owner = ownerOf(signer);
        _fund(owner, MAX);
        bytes memory refusal = abi.encodeWithSelector(ILockingPool.SeqNotActive.selector, 1, SeatStatus.Tombstoned);
        vm.startPrank(owner);
        vm.expectRevert(refusal);
        pool.relock(1, MIN);
        vm.expectRevert(refusal);
        pool.unlock(1, 1);
        vm.stopPrank();
        vm.expectRevert(refusal);
        pool.eject(1);
    }

    function test_TheReporterWithdrawsAFifth() public {
        _report(REPORTER, signer, 7);
        vm.prank(REPORTER);
        slashing.withdraw();
        vm.assertEq(token.balanceOf(REPORTER), 10_000 ether);
        vm.prank(REPORTER);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NothingToWithdraw.selector, REPORTER));
        slashing.withdraw();
    }

    function test_TheRestIsBurnedWhenTheEscrowIsOver() public {
        uint256 slashId = _report(REPORTER, signer, 7);
        uint64 releaseAt = slashing.slashOf(slashId).releaseAt;
        vm.warp(releaseAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.ReleaseTooEarly.selector, slashId, releaseAt));
        slashing.release(slashId);
        vm.warp(releaseAt);
        vm.prank(COUNCIL);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.RefundTooLate.selector, slashId, releaseAt));
        slashing.refund(slashId);
        slashing.release(slashId);
        vm.assertEq(token.balanceOf(BURN), 40_000 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotPending.selector, slashId, SlashStatus.Released));
        slashing.release(slashId);
    }

    function test_OrGoesToTheInsuranceFund() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotSystemOwner.selector, address(this)));
        slashing.setInsuranceFund(address(0xf00d));
        vm.prank(OWNER);
        slashing.setInsuranceFund(address(0xf00d));
        uint256 slashId = _report(REPORTER, signer, 7);
        vm.warp(block.timestamp + 60);
        slashing.release(slashId);
        vm.assertEq(token.balanceOf(address(0xf00d)), 40_000 ether);
    }

    function test_TheCouncilGivesBackAndNothingElse() public {
        uint256 slashId = _report(REPORTER, signer, 7);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotCouncil.selector, address(this)));
        slashing.refund(slashId);
        vm.prank(COUNCIL);
        slashing.refund(slashId);
        vm.assertEq(slashing.credits(ownerOf(signer)), 40_000 ether);
        vm.prank(ownerOf(signer));
        slashing.withdraw();
        vm.assertEq(token.balanceOf(ownerOf(signer)), 40_000 ether);
        vm.warp(block.timestamp + 60);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotPending.selector, slashId, SlashStatus.Refunded));
        slashing.release(slashId);
    }

    function test_OnlyTheSystemsOwnerNamesTheCouncil() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotSystemOwner.selector, address(this)));
        slashing.setCouncil(address(1));
        vm.prank(OWNER);
        vm.expectRevert(ISlashingManager.NullAddress.selector);
        slashing.setCouncil(address(0));
        vm.prank(OWNER);
        slashing.setCouncil(address(1));
        vm.assertEq(slashing.council(), address(1));
    }

    function test_EvidenceCountsOnce() public {
        _report(REPORTER, signer, 7);
        bytes32 evidenceId = keccak256(abi.encode(Offence.Equivocation, uint256(1), uint32(0), uint64(7)));
        vm.assertTrue(slashing.evidenceUsed(evidenceId));
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.EvidenceUsed.selector, evidenceId));
        this.report(7);
    }

    function test_ASeatWithoutAnythingCannotBeSlashedAgain() public {
        _report(REPORTER, signer, 7);
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NothingToSlash.selector, 1));
        this.report(8);
    }

    /// @dev A seat that has left is slashable as long as anything of it is unclaimed.
    function test_AnExitDoesNotEscape() public {
        _unlock(1, 50_000 ether);
        _freezeNext();
        vm.warp(block.timestamp + 10_000);
        _report(REPORTER, signer, 7);
        vm.assertEq(token.balanceOf(address(slashing)), 50_000 ether);
    }

    function test_AKeyOfOldStillBindsItsSeat() public {
        address owner = _owner(1);
        uint256 key = _key("new key");
        (bytes memory publicKey, bytes memory proof) =
            (SeatKeys.publicKey(key), SeatKeys.proof(address(pool), owner, key));
        vm.prank(owner);
        pool.updateSigner(1, vm.addr(key), publicKey, proof);
        // One attestation by either key: the seat has signed both.
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("b"));
        slashing.reportEquivocation(a, _attest(signer, a), b, _attest(vm.addr(key), b));
        vm.assertEq(uint256(pool.sequencers(1).status), uint256(SeatStatus.Tombstoned));
    }

    function test_AnyDifferenceIsAConflict() public {
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("a"));
        b.anchorHash = keccak256("another anchor");
        slashing.reportEquivocation(a, _attest(signer, a), b, _attest(signer, b));
        vm.assertEq(uint256(pool.sequencers(1).status), uint256(SeatStatus.Tombstoned));
    }

    function test_HonestSignaturesProveNothing() public {
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(8, keccak256("b"));
        (bytes memory signatureA, bytes memory signatureB) = (_attest(signer, a), _attest(signer, b));
        vm.expectRevert(ISlashingManager.NoConflict.selector);
        slashing.reportEquivocation(a, signatureA, b, signatureB);
        // The same number in a later generation is another block.
        b = _attestation(7, keccak256("b"));
        b.generation = 1;
        signatureB = _attest(signer, b);
        vm.expectRevert(ISlashingManager.NoConflict.selector);
        slashing.reportEquivocation(a, signatureA, b, signatureB);
        vm.expectRevert(ISlashingManager.SameAttestation.selector);
        slashing.reportEquivocation(a, signatureA, a, signatureA);
    }

    function test_TwoSeatsThatDisagreeDoNotEquivocate() public {
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("b"));
        address other = members[1].signer;
        (bytes memory signatureA, bytes memory signatureB) = (_attest(signer, a), _attest(other, b));
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotOneSeat.selector, signer, 1, other, 2));
        slashing.reportEquivocation(a, signatureA, b, signatureB);
        address stranger = vm.addr(_key("stranger"));
        (signatureA, signatureB) = (_attest(stranger, a), _attest(stranger, b));
        vm.expectRevert(abi.encodeWithSelector(ISlashingManager.NotOneSeat.selector, stranger, 0, stranger, 0));
        slashing.reportEquivocation(a, signatureA, b, signatureB);
    }

    function test_SignaturesHaveOneForm() public {
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("b"));
        bytes memory good = _attest(signer, a);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", inbox.domainSeparator(), b.hash()));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
        bytes memory high = abi.encodePacked(r, ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(Signatures.HighS.selector);
        slashing.reportEquivocation(a, good, b, high);
        vm.expectRevert(abi.encodeWithSelector(Signatures.SignatureLength.selector, 64));
        slashing.reportEquivocation(a, good, b, abi.encodePacked(r, s));
        vm.expectRevert(Signatures.NoSigner.selector);
        slashing.reportEquivocation(a, good, b, abi.encodePacked(r, s, uint8(29)));
    }

    function test_SignaturesOfAnotherChainProveNothing() public {
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("b"));
        bytes memory foreign =
            _signature(signer, keccak256(abi.encodePacked(hex"1901", keccak256("another domain"), b.hash())));
        bytes memory good = _attest(signer, a);
        vm.expectPartialRevert(ISlashingManager.NotOneSeat.selector);
        slashing.reportEquivocation(a, good, b, foreign);
    }

    function testFuzz_AFlippedBitProvesNothing(uint256 position, bool inB) public {
        BlockAttestation memory a = _attestation(7, keccak256("a"));
        BlockAttestation memory b = _attestation(7, keccak256("b"));
        (bytes memory signatureA, bytes memory signatureB) = (_attest(signer, a), _attest(signer, b));
        position = bound(position, 0, 65 * 8 - 1);
        (inB ? signatureB : signatureA)[position / 8] ^= bytes1(uint8(1 << (position % 8)));
        vm.expectRevert();
        slashing.reportEquivocation(a, signatureA, b, signatureB);
    }

    function test_TheManagerTakesNoMoreThanEverything() public {
        vm.prank(address(slashing));
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.WrongFraction.selector, 1e18 + 1));
        pool.slash(1, 1e18 + 1);
    }

    /// @dev Calls of their own, so that expectRevert sees the whole of it.
    function report(uint64 number) external {
        _report(REPORTER, signer, number);
    }
}
