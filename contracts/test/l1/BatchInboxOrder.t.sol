// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BatchHead, IBatchInbox} from "../../src/interfaces/IBatchInbox.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {BatchInbox} from "../../src/l1/BatchInbox.sol";
import {Certificate} from "../../src/types/Certificate.sol";
import {DataHeader, DataHeaders} from "../../src/types/DataHeader.sol";
import {GenesisConfig} from "../../src/types/GenesisConfig.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice What the inbox demands of a header's place in the chain: parent, anchor, deposits, time.
contract BatchInboxOrderTest is L1Fixture {
    address private immutable ALICE = makeAddress("alice");

    function test_GenesisIsWhatTheConfigSays() public view {
        DataHeader memory header = DataHeaders.genesis(GENESIS_ANCHOR, L1Chain.hashOf(GENESIS_ANCHOR), 1_700_000_000);
        vm.assertEq(inbox.batchHashAt(0), header.hash());
        GenesisConfig memory config = GenesisConfig({
            l1ChainId: 31_337,
            l2ChainId: L2_CHAIN_ID,
            batchInbox: address(inbox),
            portal: address(portal),
            stateClaims: address(stateClaims),
            systemConfig: address(systemConfig),
            metisToken: address(token),
            l1Messenger: address(0x1111),
            l1StandardBridge: address(0x2222),
            l2GenesisHash: L2_GENESIS_HASH
        });
        vm.assertEq(inbox.genesisConfigHash(), config.hash());
        vm.assertEq(inbox.domainSeparator(), config.domainSeparator());
    }

    function test_InitializesOnceAndNeverTheImplementation() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        inbox.initialize(systemConfig, L2_GENESIS_HASH, GENESIS_OUTPUT);
        BatchInbox implementation = new BatchInbox();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(systemConfig, L2_GENESIS_HASH, GENESIS_OUTPUT);
    }

    function test_RefusesGenesisAnchorThatIsNotOnThisChain() public {
        vm.store(L1Chain.HISTORY, bytes32(uint256(GENESIS_ANCHOR)), keccak256("another chain"));
        address proxy = _newProxy();
        address implementation = address(new BatchInbox());
        bytes memory initialisation =
            abi.encodeCall(BatchInbox.initialize, (systemConfig, L2_GENESIS_HASH, GENESIS_OUTPUT));
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatchInbox.WrongAnchorHash.selector,
                GENESIS_ANCHOR,
                keccak256("another chain"),
                L1Chain.hashOf(GENESIS_ANCHOR)
            )
        );
        this.install(proxy, implementation, initialisation);
    }

    /// @dev A call of its own, so that expectRevert sees the whole installation.
    function install(address proxy, address implementation, bytes calldata initialisation) external {
        _install(proxy, implementation, initialisation);
    }

    function test_AcceptedBatchBecomesHead() public {
        L1Chain.mine(3, 1);
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _emptyClaim(header);
        Certificate memory certificate = _certify(claim);
        vm.expectEmit(address(inbox));
        emit IBatchInbox.BatchPosted(1, header.hash(), header, new bytes32[](0));
        vm.expectEmit(address(inbox));
        emit IBatchInbox.BatchData(1, PAYLOAD);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);

        BatchHead memory head = inbox.head();
        vm.assertEq(head.batchIndex, 1);
        vm.assertEq(head.batchHash, header.hash());
        vm.assertEq(head.lastTimestamp, header.lastTimestamp);
        vm.assertEq(head.anchorNumber, header.anchorNumber);
        vm.assertEq(head.anchorHash, header.anchorHash);
        vm.assertEq(head.postedAt, block.timestamp);
        vm.assertEq(inbox.batchHashAt(1), header.hash());
        vm.assertEq(inbox.batchCount(), 2);
    }

    function test_RefusesUnknownBatchInViews() public {
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.UnknownBatch.selector, 1));
        inbox.batchHashAt(1);
        vm.expectRevert(abi.encodeWithSelector(IBatchInbox.UnknownBatch.selector, 1));
        inbox.epochAt(1);
    }

    function test_RefusesVersion() public {
        DataHeader memory header = _nextHeader();
        header.version = 2;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongVersion.selector, 2));
    }

    function testFuzz_RefusesIndex(uint64 index) public {
        vm.assume(index != 1);
        DataHeader memory header = _nextHeader();
        header.batchIndex = index;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongIndex.selector, 1, index));
    }

    function test_RefusesTheSameBatchTwice() public {
        DataHeader memory header = _nextHeader();
        _submit(header);
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongIndex.selector, 2, 1));
    }

    function test_RefusesParent() public {
        DataHeader memory header = _nextHeader();
        header.parentHash = keccak256("another");
        _refuse(
            header, abi.encodeWithSelector(IBatchInbox.WrongParent.selector, inbox.batchHashAt(0), keccak256("another"))
        );
    }

    function testFuzz_RefusesGeneration(uint32 generation) public {
        vm.assume(generation != 0);
        DataHeader memory header = _nextHeader();
        header.generation = generation;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongGeneration.selector, 0, generation));
    }

    function test_RefusesGenerationBeforeAnEscape() public {
        L1Chain.mine(180, 1);
        inbox.announceEscape();
        L1Chain.mine(30, 1);
        inbox.escape();
        DataHeader memory header = _nextHeader();
        header.generation = 0;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongGeneration.selector, 1, 0));
    }

    function testFuzz_RefusesEpoch(uint64 epoch) public {
        vm.assume(epoch != 0);
        DataHeader memory header = _nextHeader();
        header.epoch = epoch;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongEpoch.selector, 0, epoch));
    }

    function test_EpochIsThatOfTheParentsAnchor() public {
        L1Chain.mine(EPOCH_LENGTH, 1);
        DataHeader memory header = _nextHeader(GENESIS_ANCHOR + EPOCH_LENGTH, PAYLOAD);
        vm.assertEq(header.epoch, 0);
        _submit(header);
        vm.assertEq(inbox.epochAt(1), 0);
        vm.assertEq(inbox.nextEpoch(), 1);

        header = _nextHeader(GENESIS_ANCHOR + EPOCH_LENGTH, PAYLOAD);
        header.epoch = 0;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongEpoch.selector, 1, 0));
        header.epoch = 1;
        _submit(header);
        vm.assertEq(inbox.epochAt(2), 1);
    }

    function test_RefusesExtraHash() public {
        DataHeader memory header = _nextHeader();
        header.extraHash = bytes32(uint256(1));
        _refuse(header, abi.encodeWithSelector(IBatchInbox.NonZeroExtraHash.selector, bytes32(uint256(1))));
    }

    function test_RefusesAnchorThatFalls() public {
        L1Chain.mine(3, 1);
        _submit(_nextHeader(GENESIS_ANCHOR + 2, PAYLOAD));
        DataHeader memory header = _nextHeader(GENESIS_ANCHOR + 1, PAYLOAD);
        _refuse(header, abi.encodeWithSelector(IBatchInbox.AnchorFell.selector, GENESIS_ANCHOR + 2, GENESIS_ANCHOR + 1));
    }

    function test_RefusesAnchorThatRunsTooFar() public {
        uint64 maximum = GENESIS_ANCHOR + MAX_BATCH_ANCHORS;
        vm.roll(maximum + 10);
        DataHeader memory header = _nextHeader(maximum + 1, PAYLOAD);
        _refuse(header, abi.encodeWithSelector(IBatchInbox.AnchorTooFar.selector, maximum, maximum + 1));
    }

    function test_TakesAnchorAsFarAsAllowed() public {
        uint64 maximum = GENESIS_ANCHOR + MAX_BATCH_ANCHORS;
        vm.roll(maximum + 1);
        L1Chain.remember(maximum);
        _submit(_nextHeader(maximum, PAYLOAD));
        vm.assertEq(inbox.head().anchorNumber, maximum);
    }

    function test_RefusesAnchorWithoutKnownHash() public {
        DataHeader memory header = _nextHeader(uint64(block.number), PAYLOAD);
        _refuse(header, abi.encodeWithSelector(IBatchInbox.AnchorUnknown.selector, block.number));
        header = _nextHeader(uint64(block.number + 1), PAYLOAD);
        _refuse(header, abi.encodeWithSelector(IBatchInbox.AnchorUnknown.selector, block.number + 1));
    }

    function test_RefusesAnchorOfAnotherChain() public {
        DataHeader memory header = _nextHeader();
        header.anchorHash = keccak256("fork");
        _refuse(
            header,
            abi.encodeWithSelector(
                IBatchInbox.WrongAnchorHash.selector,
                header.anchorNumber,
                L1Chain.hashOf(header.anchorNumber),
                keccak256("fork")
            )
        );
    }

    function test_AnchorThatStaysNeedsNoHistoryButTheSameHash() public {
        vm.roll(GENESIS_ANCHOR + 100_000);
        DataHeader memory header = _nextHeader(GENESIS_ANCHOR, PAYLOAD);
        header.anchorHash = keccak256("fork");
        _refuse(
            header,
            abi.encodeWithSelector(
                IBatchInbox.WrongAnchorHash.selector, GENESIS_ANCHOR, L1Chain.hashOf(GENESIS_ANCHOR), keccak256("fork")
            )
        );
        _submit(_nextHeader(GENESIS_ANCHOR, PAYLOAD));
    }

    function test_RefusesToSkipADeposit() public {
        _deposit();
        uint64 anchor = uint64(block.number);
        L1Chain.mine(1, 1);
        DataHeader memory header = _nextHeader(anchor, PAYLOAD);
        vm.assertEq(header.depositCount, 1);
        header.depositCount = 0;
        header.depositQueueHash = 0;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongDepositCount.selector, 0, anchor));
    }

    function test_RefusesADepositFromAboveTheAnchor() public {
        uint64 anchor = uint64(block.number);
        L1Chain.mine(1, 1);
        _deposit();
        L1Chain.mine(1, 1);
        DataHeader memory header = _nextHeader(anchor, PAYLOAD);
        vm.assertEq(header.depositCount, 0);
        header.depositCount = 1;
        header.depositQueueHash = portal.queueHashAt(1);
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongDepositCount.selector, 1, anchor));
    }

    function test_RefusesADepositThatNobodyMade() public {
        DataHeader memory header = _nextHeader();
        header.depositCount = 1;
        _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongDepositCount.selector, 1, header.anchorNumber));
    }

    function test_RefusesAnotherQueue() public {
        _deposit();
        uint64 anchor = uint64(block.number);
        L1Chain.mine(1, 1);
        DataHeader memory header = _nextHeader(anchor, PAYLOAD);
        header.depositQueueHash = keccak256("queue");
        _refuse(
            header,
            abi.encodeWithSelector(
                IBatchInbox.WrongDepositQueueHash.selector, portal.queueHashAt(1), keccak256("queue")
            )
        );
    }

    function test_RefusesTimeAheadOfL1() public {
        DataHeader memory header = _nextHeader();
        header.lastTimestamp = uint64(block.timestamp + 1);
        _refuse(
            header, abi.encodeWithSelector(IBatchInbox.TimestampInFuture.selector, block.timestamp + 1, block.timestamp)
        );
    }

    /// @dev Any run of deposits, blocks and batches: a batch passes with exactly the deposits up to its anchor and with
    ///      no other count.
    function testFuzz_DepositCountIsExact(uint8[6] calldata deposits, uint256 anchorSeed, uint64 count) public {
        uint64 first = uint64(block.number);
        for (uint256 i = 0; i < deposits.length; ++i) {
            for (uint256 j = 0; j < deposits[i] % 3; ++j) {
                _deposit();
            }
            L1Chain.mine(1, 1);
        }
        uint64 anchor = uint64(bound(anchorSeed, first, block.number - 1));
        uint64 exact;
        for (uint256 i = 0; i <= anchor - first; ++i) {
            exact += deposits[i] % 3;
        }
        DataHeader memory header = _nextHeader(anchor, PAYLOAD);
        vm.assertEq(header.depositCount, exact);
        count = uint64(bound(count, 0, portal.depositCount()));
        header.depositCount = count;
        header.depositQueueHash = portal.queueHashAt(count);
        if (count == exact) _submit(header);
        else _refuse(header, abi.encodeWithSelector(IBatchInbox.WrongDepositCount.selector, count, anchor));
    }

    function _deposit() private {
        vm.prank(ALICE, ALICE);
        portal.depositTransaction(ALICE, 0, 0, 21_000, false, "");
    }

    /// @dev Everybody has signed it, and still.
    function _refuse(DataHeader memory header, bytes memory refusal) private {
        StateClaim memory claim = _emptyClaim(header);
        Certificate memory certificate = _certify(claim);
        vm.expectRevert(refusal);
        inbox.submitBatch(header, claim, certificate, PAYLOAD);
    }
}
