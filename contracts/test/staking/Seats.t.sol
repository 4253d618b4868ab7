// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ILockingInfo} from "../../src/interfaces/ILockingInfo.sol";
import {ILockingPool, InitialSeat, Sequencer} from "../../src/interfaces/ILockingPool.sol";
import {LockingPool} from "../../src/l1/LockingPool.sol";
import {Signatures} from "../../src/libraries/Signatures.sol";
import {SeatStatus} from "../../src/types/Seat.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice Taking a seat, adding to it, changing its key; who may and who may not.
contract SeatsTest is StakingFixture {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function test_SeatsOfTheStartAreRealStakes() public view {
        vm.assertEq(pool.totalSequencers(), 4);
        vm.assertEq(token.balanceOf(address(escrow)), 200_000 ether);
        vm.assertEq(escrow.totalLocked(), 200_000 ether);
        for (uint256 i = 1; i <= 4; ++i) {
            Sequencer memory seat = pool.sequencers(i);
            vm.assertEq(uint256(seat.status), uint256(SeatStatus.Active));
            vm.assertEq(seat.amount, 50_000 ether);
            vm.assertEq(seat.signer, members[i - 1].signer);
            vm.assertEq(pool.seqSigners(seat.signer), i);
            vm.assertEq(pool.seqOwners(ownerOf(seat.signer)), i);
            vm.assertEq(address(uint160(uint256(keccak256(seat.signerPublicKey)))), seat.signer);
            vm.assertTrue(seat.inLine);
        }
        (bytes32 setHash, uint256 totalWeight) = pool.setOf(0);
        vm.assertEq(setHash, keccak256(abi.encode(members)));
        vm.assertEq(totalWeight, 200_000 ether);
    }

    function test_InitializesOnceWithSeatsAndNeverTheImplementation() public {
        InitialSeat[] memory none = new InitialSeat[](0);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        pool.initialize(systemConfig, TREASURY, none, true);
        LockingPool implementation = new LockingPool();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(systemConfig, TREASURY, none, true);
        address proxy = _newProxy();
        vm.expectRevert(ILockingPool.NoInitialSeats.selector);
        this.install(
            proxy, address(implementation), abi.encodeCall(LockingPool.initialize, (systemConfig, TREASURY, none, true))
        );
    }

    function install(address proxy, address implementation, bytes calldata initialisation) external {
        _install(proxy, implementation, initialisation);
    }

    function test_LockTakesTheStakeFromTheCaller() public {
        address alice = makeAddress("alice");
        uint256 key = _key("alice");
        _fund(alice, MIN);
        bytes memory publicKey = SeatKeys.publicKey(key);
        bytes memory proof = SeatKeys.proof(address(pool), alice, key);
        vm.prank(alice);
        vm.expectEmit(address(escrow));
        emit ILockingInfo.Locked(vm.addr(key), 5, 1, 2, MIN, 220_000 ether, publicKey);
        uint256 seqId = pool.lockWithRewardRecipient(vm.addr(key), address(0xbeef), MIN, publicKey, proof);
        vm.assertEq(seqId, 5);
        vm.assertEq(token.balanceOf(alice), 0);
        Sequencer memory seat = pool.sequencers(seqId);
        vm.assertEq(seat.owner, alice);
        vm.assertEq(seat.rewardRecipient, address(0xbeef));
        vm.assertEq(seat.signerPublicKey, publicKey);
    }

    /// @dev The topics that indexers of the deployed LockingInfo look for.
    function test_EventsHaveTheTopicsOfTheDeployedContracts() public pure {
        vm.assertEq(
            ILockingInfo.Locked.selector, keccak256("Locked(address,uint256,uint256,uint256,uint256,uint256,bytes)")
        );
        vm.assertEq(ILockingInfo.Relocked.selector, keccak256("Relocked(uint256,uint256,uint256)"));
        vm.assertEq(ILockingInfo.LockUpdate.selector, keccak256("LockUpdate(uint256,uint256,uint256)"));
        vm.assertEq(
            ILockingInfo.UnlockInit.selector,
            keccak256("UnlockInit(address,uint256,uint256,uint256,uint256,uint256,uint256)")
        );
        vm.assertEq(ILockingInfo.Unlocked.selector, keccak256("Unlocked(address,uint256,uint256,uint256)"));
        vm.assertEq(
            ILockingInfo.SignerChange.selector, keccak256("SignerChange(uint256,uint256,address,address,bytes)")
        );
    }

    function testFuzz_StakeIsWithinItsBounds(uint256 amount) public {
        amount = bound(amount, 0, 2 * MAX);
        if (amount >= MIN && amount <= MAX) {
            vm.assertEq(pool.sequencers(_lock("alice", amount)).amount, amount);
            return;
        }
        (address alice, uint256 key) = _funded("alice", 2 * MAX);
        _refuseLock(
            alice, key, amount, abi.encodeWithSelector(ILockingPool.AmountOutOfBounds.selector, amount, MIN, MAX)
        );
    }

    function test_OneSeatAnOwner() public {
        _lock("alice", MIN);
        (address alice, uint256 key) = (makeAddress("alice"), _key("another key"));
        _fund(alice, MIN);
        _refuseLock(alice, key, MIN, abi.encodeWithSelector(ILockingPool.OwnedSequencer.selector, 5));
    }

    function test_AKeyIsOneSeatsForEver() public {
        uint256 seqId = _lock("alice", MIN);
        (address bob,) = _funded("bob", MIN);
        uint256 key = _key("alice");
        bytes memory refusal = abi.encodeWithSelector(ILockingPool.SignerExisted.selector, vm.addr(key), seqId);
        _refuseLock(bob, key, MIN, refusal);
        // Not even after the seat has another key, nor after it is over.
        _freezeNext();
        _updateSigner(seqId, "alice 2");
        _refuseLock(bob, key, MIN, refusal);
        _unlock(seqId, MIN);
        _refuseLock(bob, key, MIN, refusal);
        _refuseLock(
            bob,
            _key("alice 2"),
            MIN,
            abi.encodeWithSelector(ILockingPool.SignerExisted.selector, vm.addr(_key("alice 2")), seqId)
        );
    }

    function test_ProofBindsOwnerPoolAndKey() public {
        (address alice, uint256 key) = _funded("alice", MIN);
        uint256 mallorysKey = _key("mallory");
        bytes memory publicKey = SeatKeys.publicKey(key);
        address signer = vm.addr(key);
        _refuseProof(alice, signer, publicKey, SeatKeys.proof(address(pool), makeAddress("mallory"), key));
        _refuseProof(alice, signer, publicKey, SeatKeys.proof(address(this), alice, key));
        _refuseProof(alice, signer, publicKey, SeatKeys.proof(address(pool), alice, mallorysKey));
        vm.chainId(1);
        bytes memory foreign = SeatKeys.proof(address(pool), alice, key);
        vm.chainId(31_337);
        _refuseProof(alice, signer, publicKey, foreign);
    }

    function test_PublicKeyIsTheSigners() public {
        (address alice, uint256 key) = _funded("alice", MIN);
        address other = vm.addr(_key("mallory"));
        bytes memory publicKey = SeatKeys.publicKey(key);
        bytes memory proof = SeatKeys.proof(address(pool), alice, key);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.WrongPublicKey.selector, other, vm.addr(key)));
        pool.lockFor(other, MIN, publicKey, proof);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.WrongPublicKeyLength.selector, 65));
        pool.lockFor(other, MIN, bytes.concat(hex"04", publicKey), proof);
        vm.stopPrank();
    }

    function test_ProofHasOneForm() public {
        (address alice, uint256 key) = _funded("alice", MIN);
        bytes memory publicKey = SeatKeys.publicKey(key);
        address signer = vm.addr(key);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, pool.signerProofDigest(alice, signer));
        vm.startPrank(alice);
        vm.expectRevert(Signatures.HighS.selector);
        pool.lockFor(signer, MIN, publicKey, abi.encodePacked(r, ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27)));
        vm.expectRevert(Signatures.NoSigner.selector);
        pool.lockFor(signer, MIN, publicKey, abi.encodePacked(r, s, v - 27));
        vm.expectRevert(abi.encodeWithSelector(Signatures.SignatureLength.selector, 64));
        pool.lockFor(signer, MIN, publicKey, abi.encodePacked(r, s));
        pool.lockFor(signer, MIN, publicKey, abi.encodePacked(r, s, v));
        vm.stopPrank();
    }

    function test_RelockAddsUpToTheMaximum() public {
        uint256 seqId = _lock("alice", MIN);
        address alice = makeAddress("alice");
        _fund(alice, MAX);
        vm.prank(alice);
        vm.expectEmit(address(escrow));
        emit ILockingInfo.LockUpdate(seqId, 2, MAX);
        pool.relock(seqId, MAX - MIN);
        vm.assertEq(pool.sequencers(seqId).amount, MAX);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.AmountOutOfBounds.selector, MAX + 1, MIN, MAX));
        pool.relock(seqId, 1);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.WrongAmount.selector, 0, MAX));
        pool.relock(seqId, 0);
        vm.stopPrank();
    }

    function test_StrangersCanDoNothingToASeat() public {
        bytes memory refusal = abi.encodeWithSelector(ILockingPool.NotSeqOwner.selector, 1, address(this));
        vm.expectRevert(refusal);
        pool.relock(1, 1);
        vm.expectRevert(refusal);
        pool.unlock(1, 1);
        vm.expectRevert(refusal);
        pool.updateSigner(1, address(1), "", "");
        vm.expectRevert(refusal);
        pool.setSequencerRewardRecipient(1, address(1));
        vm.expectRevert(refusal);
        pool.unjail(1);
        refusal = abi.encodeWithSelector(ILockingPool.NotSlashingManager.selector, address(this));
        vm.expectRevert(refusal);
        pool.slash(1, 1);
        vm.expectRevert(refusal);
        pool.jail(1, 1);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.SeqNotActive.selector, 9, SeatStatus.Unavailable));
        pool.unlock(9, 1);
    }

    function test_NobodyButThePoolReachesTheEscrow() public {
        bytes memory refusal = abi.encodeWithSelector(ILockingInfo.NotLockingPool.selector, address(this));
        vm.expectRevert(refusal);
        escrow.newSequencer(TREASURY, 1, address(1), 1, 1, 1, "");
        vm.expectRevert(refusal);
        escrow.increaseLocked(TREASURY, 1, 1, 1, 1);
        vm.expectRevert(refusal);
        escrow.initializeUnlock(address(this), 1, 1, 1, 1, 1, 1);
        vm.expectRevert(refusal);
        escrow.finalizeUnlock(address(this), 1, 1);
        vm.expectRevert(refusal);
        escrow.slash(1, 1, 1, 1);
        vm.expectRevert(refusal);
        escrow.logSignerChange(1, 1, address(1), address(2), "");
    }

    function test_SignerChangesOnceBetweenFrozenSetsAndActsFromTheNext() public {
        _freezeNext();
        bytes32 before = pool.frozenSetAt(1).setHash;
        _updateSigner(1, "new key");
        (address owner, uint256 key) = (_owner(1), _key("newer key"));
        (bytes memory publicKey, bytes memory proof) =
            (SeatKeys.publicKey(key), SeatKeys.proof(address(pool), owner, key));
        address signer = vm.addr(key);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ILockingPool.SignerChangedAlready.selector, 1));
        pool.updateSigner(1, signer, publicKey, proof);

        vm.assertEq(pool.frozenSetOf(2).setHash, before);
        _freezeNext();
        vm.assertNotEq(pool.frozenSetOf(3).setHash, before);
        vm.assertEq(pool.frozenSetOf(2).setHash, before);
        // What the old key has signed still points to the seat.
        vm.assertEq(pool.seqSigners(members[0].signer), 1);
        vm.prank(owner);
        pool.updateSigner(1, signer, publicKey, proof);
        vm.assertEq(pool.sequencers(1).signer, signer);
    }

    function test_RewardRecipientIsTheOwnersChoice() public {
        vm.startPrank(_owner(1));
        pool.setSequencerRewardRecipient(1, address(0xbeef));
        vm.assertEq(pool.sequencers(1).rewardRecipient, address(0xbeef));
        vm.expectRevert(ILockingPool.NullAddress.selector);
        pool.setSequencerRewardRecipient(1, address(0));
        vm.stopPrank();
    }

    function _updateSigner(uint256 seqId, string memory name) private {
        (address owner, uint256 key) = (_owner(seqId), _key(name));
        (bytes memory publicKey, bytes memory proof) =
            (SeatKeys.publicKey(key), SeatKeys.proof(address(pool), owner, key));
        vm.prank(owner);
        pool.updateSigner(seqId, vm.addr(key), publicKey, proof);
    }

    function _funded(string memory name, uint256 amount) private returns (address owner, uint256 key) {
        (owner, key) = (makeAddress(name), _key(name));
        _fund(owner, amount);
    }

    function _refuseLock(address owner, uint256 key, uint256 amount, bytes memory refusal) private {
        (bytes memory publicKey, bytes memory proof) =
            (SeatKeys.publicKey(key), SeatKeys.proof(address(pool), owner, key));
        address signer = vm.addr(key);
        vm.prank(owner);
        vm.expectRevert(refusal);
        pool.lockFor(signer, amount, publicKey, proof);
    }

    function _refuseProof(address owner, address signer, bytes memory publicKey, bytes memory proof) private {
        vm.prank(owner);
        vm.expectPartialRevert(ILockingPool.WrongProof.selector);
        pool.lockFor(signer, MIN, publicKey, proof);
    }
}
