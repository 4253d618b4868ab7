// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {BatchHead} from "../../src/interfaces/IBatchInbox.sol";
import {BatchInbox} from "../../src/l1/BatchInbox.sol";
import {Portal} from "../../src/l1/Portal.sol";
import {StateClaims} from "../../src/l1/StateClaims.sol";
import {SystemConfig} from "../../src/l1/SystemConfig.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {DataHeader} from "../../src/types/DataHeader.sol";
import {Deposit, DepositHash} from "../../src/types/Deposit.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {OutputRootProof, Withdrawal} from "../../src/types/Withdrawal.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {StorageTrie} from "../base/StorageTrie.sol";
import {Test} from "../base/Test.sol";

/// @notice Everybody who may act on L1, driven at random: users who deposit and withdraw, a quorum that posts what is
///         true, time, the guardian, and an attacker who tries whatever might empty the escrow. Keeps the books.
contract EscrowHandler is Test {
    /// @notice A withdrawal made on L2, and where it stands.
    struct Exit {
        Withdrawal withdrawal;
        OutputRootProof output;
        bytes[] proof;
        uint64 batchIndex;
        bool posted;
        bool paid;
    }

    uint64 private constant WINDOW = 120;
    bytes private constant PAYLOAD = "payload";

    IERC20 private immutable TOKEN;
    Portal private immutable PORTAL;
    BatchInbox private immutable INBOX;
    StateClaims private immutable CLAIMS;
    SystemConfig private immutable CONFIG;
    address private immutable GUARDIAN;

    SetMember[] private members;
    mapping(address signer => uint256) private keyOf;

    Exit[] private exits;
    uint256 private nextToPost;
    bytes32 private lastOutput;
    uint64 private lastBlock;

    uint256 public deposited;
    uint256 public paid;
    /// @notice METIS on L2: what came in and has not left by a withdrawal.
    uint256 public onL2;
    uint64 public depositsMade;
    bytes32 public queueHash;
    uint64 public escapes;
    uint256 public attacks;
    uint256 public payments;

    struct World {
        IERC20 token;
        Portal portal;
        BatchInbox inbox;
        StateClaims claims;
        SystemConfig config;
        address guardian;
        bytes32 genesisOutput;
    }

    /// @param keys private keys of `seats`, in their order
    constructor(World memory world, SetMember[] memory seats, uint256[] memory keys) {
        (TOKEN, PORTAL, INBOX) = (world.token, world.portal, world.inbox);
        (CLAIMS, CONFIG, GUARDIAN) = (world.claims, world.config, world.guardian);
        lastOutput = world.genesisOutput;
        for (uint256 i = 0; i < seats.length; ++i) {
            members.push(seats[i]);
            keyOf[seats[i].signer] = keys[i];
        }
    }

    function exitCount() external view returns (uint256) {
        return exits.length;
    }

    /// @notice METIS that withdrawals made on L2 have still to be paid.
    function unpaid() external view returns (uint256 sum) {
        for (uint256 i = 0; i < exits.length; ++i) {
            if (!exits[i].paid) sum += exits[i].withdrawal.value;
        }
    }

    function deposit(uint256 amount, bytes calldata data) external {
        amount = bound(amount, 0, 1_000 ether);
        if (data.length > 200) return;
        uint64 gasLimit = uint64(21_000 + 40 * data.length);
        Deposit memory entry = Deposit(
            depositsMade, uint64(block.number), address(this), address(this), amount, amount / 2, gasLimit, false, data
        );
        TOKEN.approve(address(PORTAL), amount);
        vm.prank(address(this), address(this));
        PORTAL.depositTransaction(address(this), amount, amount / 2, gasLimit, false, data);
        queueHash = DepositHash.append(queueHash, entry.hash());
        depositsMade += 1;
        deposited += amount;
        onL2 += amount;
    }

    function withdrawOnL2(address target, uint256 amount, bytes calldata data) external {
        if (target == address(TOKEN) || target == address(PORTAL) || target == address(0)) return;
        if (target == address(vm) || data.length > 200) return;
        amount = bound(amount, 0, onL2);
        onL2 -= amount;
        exits.push();
        Exit storage exit = exits[exits.length - 1];
        exit.withdrawal = Withdrawal((1 << 240) + exits.length, address(this), target, amount, 30_000, data);
    }

    /// @notice The quorum posts a batch whose output holds the next withdrawal, if there is one.
    function postBatch(uint256 anchorSeed) external {
        _mine(3);
        BatchHead memory head = INBOX.head();
        uint64 anchor = uint64(bound(anchorSeed, head.anchorNumber, block.number - 1));
        DataHeader memory header = _header(head, anchor);

        OutputRootProof memory output = OutputRootProof(0, keccak256(abi.encode(lastBlock)), 0, keccak256("block"));
        bool carries = nextToPost < exits.length;
        if (carries) {
            Exit storage exit = exits[nextToPost++];
            (bytes32 root, bytes[] memory proof) = StorageTrie.ofOne(exit.withdrawal.hash());
            output.messagePasserStorageRoot = root;
            exit.output = output;
            exit.proof = proof;
            exit.batchIndex = header.batchIndex;
            exit.posted = true;
        }
        StateClaim memory claim = _claim(header, output.hash());
        INBOX.submitBatch(header, claim, _certify(claim, members.length), PAYLOAD);
        lastOutput = claim.outputRoot;
        lastBlock = claim.lastBlock;
    }

    function settle(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 2 * WINDOW));
        try CLAIMS.settle(type(uint64).max) {} catch {}
    }

    function pay(uint256 seed) external {
        if (exits.length == 0) return;
        Exit storage exit = exits[seed % exits.length];
        bool due = exit.posted && !exit.paid && exit.batchIndex < CLAIMS.settledCount() && !CONFIG.paused();
        try PORTAL.finalizeWithdrawal(exit.withdrawal, exit.batchIndex, exit.output, exit.proof) {
            require(due, "paid what was not due");
            exit.paid = true;
            paid += exit.withdrawal.value;
            ++payments;
        } catch {
            require(!due, "refused what was due");
        }
    }

    function pause() external {
        vm.prank(GUARDIAN);
        try CONFIG.pause() {} catch {}
    }

    function escape() external {
        _mine(1);
        vm.warp(block.timestamp + 180);
        if (INBOX.escapeReadyAt() == 0) INBOX.announceEscape();
        vm.warp(block.timestamp + 30);
        INBOX.escape();
        ++escapes;
        // The batch has no claim yet; the quorum gives it one, so that later claims have a parent.
        StateClaim memory claim;
        claim.batchHash = INBOX.head().batchHash;
        claim.prevOutputRoot = lastOutput;
        claim.firstBlock = lastBlock + 1;
        claim.lastBlock = lastBlock + 1;
        claim.outputRoot = keccak256(abi.encode("escape", lastOutput));
        CLAIMS.postClaim(INBOX.head().batchIndex, claim, _certify(claim, members.length));
        lastOutput = claim.outputRoot;
        lastBlock = claim.lastBlock;
    }

    /// @notice Changes one thing about a withdrawal, or proves it against another batch.
    function attackPayment(uint256 seed, uint8 field, uint256 value) external {
        if (exits.length == 0) return;
        Exit memory exit = exits[seed % exits.length];
        bytes32 honest = exit.withdrawal.hash();
        uint64 batchIndex = exit.batchIndex;
        if (field % 6 == 0) exit.withdrawal.value = value;
        else if (field % 6 == 1) exit.withdrawal.target = address(uint160(value));
        else if (field % 6 == 2) exit.withdrawal.nonce = value;
        else if (field % 6 == 3) exit.output.messagePasserStorageRoot = bytes32(value);
        else if (field % 6 == 4) batchIndex = uint64(value);
        else if (exit.proof.length != 0) exit.proof[0][value % exit.proof[0].length] ^= 0x01;
        bool honestAfterAll = exit.withdrawal.hash() == honest && batchIndex == exit.batchIndex;
        if (honestAfterAll && field % 6 <= 2) return;
        ++attacks;
        try PORTAL.finalizeWithdrawal(exit.withdrawal, batchIndex, exit.output, exit.proof) {
            require(honestAfterAll || batchIndex == exit.batchIndex, "attack paid");
            require(exit.withdrawal.hash() == honest && !exits[seed % exits.length].paid, "attack paid");
            // Nothing was changed after all: an honest payment by a stranger.
            exits[seed % exits.length].paid = true;
            paid += exit.withdrawal.value;
        } catch {}
    }

    /// @notice Three seats of five post a batch that gives the attacker the whole escrow.
    function attackWithMinority(uint256 signers) external {
        BatchHead memory head = INBOX.head();
        DataHeader memory header = _header(head, head.anchorNumber);
        StateClaim memory claim = _claim(header, keccak256("everything to the attacker"));
        Certificate memory certificate = _certify(claim, bound(signers, 0, 3));
        ++attacks;
        (bool success,) =
            address(INBOX).call(abi.encodeCall(BatchInbox.submitBatch, (header, claim, certificate, PAYLOAD)));
        require(!success, "minority posted a batch");
        (success,) = address(CLAIMS).call(abi.encodeCall(StateClaims.recordClaim, (header.batchIndex, claim)));
        require(!success, "stranger recorded a claim");
    }

    function _header(BatchHead memory head, uint64 anchor) private view returns (DataHeader memory header) {
        header.version = 1;
        header.batchIndex = head.batchIndex + 1;
        header.parentHash = head.batchHash;
        header.generation = INBOX.generation();
        header.epoch = INBOX.nextEpoch();
        header.lastTimestamp = uint64(block.timestamp);
        header.anchorNumber = anchor;
        header.anchorHash = anchor == head.anchorNumber ? head.anchorHash : INBOX.anchorHashAt(anchor);
        header.depositCount = PORTAL.depositCountAt(anchor);
        header.depositQueueHash = PORTAL.queueHashAt(header.depositCount);
        header.payloadHash = keccak256(PAYLOAD);
        header.payloadSize = uint32(PAYLOAD.length);
    }

    function _claim(DataHeader memory header, bytes32 outputRoot) private view returns (StateClaim memory claim) {
        claim.batchHash = header.hash();
        claim.prevOutputRoot = lastOutput;
        claim.firstBlock = lastBlock + 1;
        claim.lastBlock = lastBlock + 3;
        claim.outputRoot = outputRoot;
    }

    function _certify(StateClaim memory claim, uint256 signers) private view returns (Certificate memory certificate) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", INBOX.domainSeparator(), claim.hash()));
        certificate.members = members;
        certificate.bitmap = (1 << signers) - 1;
        for (uint256 i = 0; i < signers; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[members[i].signer], digest);
            certificate.signatures = bytes.concat(certificate.signatures, abi.encodePacked(r, s, v));
        }
    }

    function _mine(uint256 count) private {
        L1Chain.mine(count, 1);
    }
}
