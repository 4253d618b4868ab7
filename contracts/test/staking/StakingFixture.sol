// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Sequencer} from "../../src/interfaces/ILockingPool.sol";
import {Offence, SignedReceipt} from "../../src/interfaces/ISlashingManager.sol";
import {BlockAttestation} from "../../src/types/BlockAttestation.sol";
import {SetMember} from "../../src/types/Certificate.sol";
import {OrderReceipt} from "../../src/types/OrderReceipt.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {L1Fixture} from "../l1/L1Fixture.sol";

/// @notice Four seats of 50,000 METIS from the start, and people who take seats.
abstract contract StakingFixture is L1Fixture {
    uint256 internal constant MIN = 20_000 ether;
    uint256 internal constant MAX = 100_000 ether;

    function _permissionless() internal pure virtual override returns (bool) {
        return true;
    }

    /// @notice The key of somebody called `name`; `keyOf` knows it from then on.
    function _key(string memory name) internal returns (uint256 key) {
        key = uint256(keccak256(bytes(name)));
        keyOf[vm.addr(key)] = key;
    }

    /// @notice METIS for `owner`, approved to the escrow.
    function _fund(address owner, uint256 amount) internal {
        vm.prank(TREASURY);
        token.transfer(owner, amount);
        vm.prank(owner);
        token.approve(address(escrow), type(uint256).max);
    }

    /// @notice A seat of `amount` for the owner and the key called `name`.
    function _lock(string memory name, uint256 amount) internal returns (uint256 seqId) {
        address owner = makeAddress(name);
        uint256 key = _key(name);
        _fund(owner, amount);
        bytes memory publicKey = SeatKeys.publicKey(key);
        bytes memory proof = SeatKeys.proof(address(pool), owner, key);
        vm.prank(owner);
        return pool.lockFor(vm.addr(key), amount, publicKey, proof);
    }

    function _owner(uint256 seqId) internal view returns (address) {
        return pool.sequencers(seqId).owner;
    }

    function _unlock(uint256 seqId, uint256 amount) internal returns (uint256) {
        vm.prank(_owner(seqId));
        return pool.unlock(seqId, amount);
    }

    /// @notice `name` puts `amount` behind a seat.
    function _delegate(string memory name, uint256 seqId, uint256 amount) internal returns (uint256 shares) {
        address delegator = makeAddress(name);
        _fund(delegator, amount);
        vm.prank(delegator);
        return delegation.delegate(seqId, amount);
    }

    function _undelegateAll(string memory name, uint256 seqId) internal returns (uint256 exitId) {
        address delegator = makeAddress(name);
        uint256 shares = delegation.sharesOf(seqId, delegator);
        vm.prank(delegator);
        return delegation.undelegate(seqId, shares);
    }

    /// @notice Makes everything that is in the queue now claimable: a set is frozen, time passes, its epochs settle.
    function _passExits() internal {
        uint64 epoch = _freezeNext();
        uint256 anchor = GENESIS_ANCHOR + epoch * EPOCH_LENGTH;
        vm.warp(block.timestamp + _staking().exitDelay);
        if (anchor + L1_DEPTH - 5 > block.number) vm.roll(anchor + L1_DEPTH - 5);
        _mineTo(anchor + L1_DEPTH);
        (bytes32 root, uint64 lastBlock) = stateClaims.settledOutput(stateClaims.settledCount() - 1);
        uint64 batch = _submitWithClaim(root, lastBlock + 1, keccak256(abi.encode("output", block.number)));
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batch);
    }

    /// @notice To the first block in which the next set may be frozen, and freezes it.
    function _freezeNext() internal returns (uint64 epoch) {
        uint64 firstBlock;
        (epoch, firstBlock,) = pool.freezeWindow();
        if (block.number < firstBlock) {
            vm.warp(block.timestamp + firstBlock - block.number);
            vm.roll(firstBlock);
        }
        pool.freeze(epoch);
    }

    /// @notice Mines through to L1 block `number`, hashes and all.
    function _mineTo(uint256 number) internal {
        if (number > block.number) L1Chain.mine(number - block.number, 1);
    }

    function _slash(uint256 seqId, uint256 fraction) internal {
        vm.prank(address(slashing));
        pool.slash(seqId, fraction);
    }

    /// @notice Of four seats of 50,000 METIS, `seqId` has lost a thousandth by `slashId` and is in no set to come.
    function _assertAbsent(uint256 seqId, uint256 slashId, address reporter) internal view {
        Sequencer memory seat = pool.sequencers(seqId);
        vm.assertEq(seat.amount, 49_950 ether);
        vm.assertEq(seat.jailedUntil, block.timestamp + _staking().jail);
        vm.assertEq(slashing.credits(reporter), 10 ether);
        vm.assertEq(uint256(slashing.slashOf(slashId).offence), uint256(Offence.Absence));
        (,, SetMember[] memory next) = pool.nextSet();
        vm.assertEq(next.length, 3);
    }

    function _attestation(uint64 number, bytes32 blockHash) internal pure returns (BlockAttestation memory) {
        return BlockAttestation({
            generation: 0,
            epoch: 1,
            number: number,
            blockHash: blockHash,
            outputRoot: keccak256("output"),
            anchorNumber: 110,
            anchorHash: keccak256("anchor")
        });
    }

    function _attest(address signer, BlockAttestation memory attestation) internal view returns (bytes memory) {
        return _signature(signer, keccak256(abi.encodePacked(hex"1901", inbox.domainSeparator(), attestation.hash())));
    }

    function _sign(address signer, OrderReceipt memory receipt) internal view returns (SignedReceipt memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", inbox.domainSeparator(), receipt.hash()));
        return SignedReceipt(receipt, _signature(signer, digest));
    }

    /// @notice Evidence by `reporter` that `signer` attested two blocks of one number.
    function _report(address reporter, address signer, uint64 number) internal returns (uint256 slashId) {
        BlockAttestation memory a = _attestation(number, keccak256("block a"));
        BlockAttestation memory b = _attestation(number, keccak256("block b"));
        (bytes memory signatureA, bytes memory signatureB) = (_attest(signer, a), _attest(signer, b));
        vm.prank(reporter);
        return slashing.reportEquivocation(a, signatureA, b, signatureB);
    }
}
