// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPortal} from "../../src/interfaces/IPortal.sol";
import {IStateClaims} from "../../src/interfaces/IStateClaims.sol";
import {OutputRootProof, Withdrawal} from "../../src/types/Withdrawal.sol";
import {StorageTrie} from "../base/StorageTrie.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice A contract that a withdrawal calls, and that writes down what it saw.
contract Recipient {
    IPortal private immutable PORTAL;
    IERC20 private immutable TOKEN;

    address public sender;
    address public caller;
    uint256 public balance;
    uint256 public gasSeen;
    bytes public data;

    error Refused();

    constructor(IPortal portal, IERC20 token) {
        PORTAL = portal;
        TOKEN = token;
    }

    function note(bytes calldata given) external {
        gasSeen = gasleft();
        (sender, caller, balance, data) = (PORTAL.l2Sender(), msg.sender, TOKEN.balanceOf(address(this)), given);
    }

    function refuse() external pure {
        revert Refused();
    }

    function burnEverything() external pure {
        while (true) {}
    }

    function returnTooMuch() external pure {
        assembly {
            return(0, 10000000)
        }
    }

    function depositBack() external {
        PORTAL.depositTransaction(address(this), 0, 0, 21_000, false, "");
    }

    /// @dev Calls the portal with whatever it is given and hands on the refusal.
    function callBack(bytes calldata call) external {
        (bool success, bytes memory answer) = address(PORTAL).call(call);
        sender = PORTAL.l2Sender();
        if (!success) data = answer;
    }
}

/// @notice Withdrawals: proven, paid once, and never able to reach the escrow.
contract PortalWithdrawalTest is L1Fixture {
    uint256 private constant ESCROW = 1000 ether;
    address private immutable ALICE = makeAddress("alice");
    address private immutable BOB = makeAddress("bob");
    Recipient private recipient;

    function setUp() public override {
        super.setUp();
        recipient = new Recipient(portal, token);
        vm.prank(TREASURY);
        token.approve(address(portal), ESCROW);
        vm.prank(TREASURY, TREASURY);
        portal.depositTransaction(TREASURY, ESCROW, 0, 21_000, false, "");
    }

    function test_PaysOnce() public {
        Withdrawal memory withdrawal = _withdrawal(BOB, 3 ether, 0, "");
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        vm.expectEmit(address(portal));
        emit IPortal.WithdrawalFinalized(withdrawal.hash(), true);
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
        vm.assertEq(token.balanceOf(BOB), 3 ether);
        vm.expectRevert(abi.encodeWithSelector(IPortal.AlreadyFinalized.selector, withdrawal.hash()));
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
        vm.assertEq(token.balanceOf(address(portal)), ESCROW - 3 ether);
    }

    /// @dev Two entries of one trie are two withdrawals, each paid on its own proof.
    function testFuzz_PaysEachEntryOfATrie(uint256 firstNonce, uint256 secondNonce) public {
        Withdrawal memory first = _withdrawal(BOB, 1 ether, 0, "");
        Withdrawal memory second = _withdrawal(BOB, 2 ether, 0, "");
        (first.nonce, second.nonce) = (firstNonce, secondNonce);
        vm.assume(uint256(StorageTrie.key(first.hash())) >> 252 != uint256(StorageTrie.key(second.hash())) >> 252);
        (bytes32 root, bytes[] memory proof, bytes[] memory otherProof) = StorageTrie.ofTwo(first.hash(), second.hash());
        OutputRootProof memory output = _output(root);
        uint64 batch = _settleOutput(output.hash());

        vm.expectRevert(abi.encodeWithSelector(IPortal.WithdrawalNotProven.selector, first.hash()));
        portal.finalizeWithdrawal(first, batch, output, otherProof);
        portal.finalizeWithdrawal(second, batch, output, otherProof);
        portal.finalizeWithdrawal(first, batch, output, proof);
        vm.assertEq(token.balanceOf(BOB), 3 ether);
    }

    function test_CallsTheTargetAsTheSender() public {
        bytes memory data = abi.encodeCall(Recipient.note, ("hello"));
        _pay(_withdrawal(address(recipient), 2 ether, 200_000, data), true);
        vm.assertEq(recipient.sender(), ALICE);
        vm.assertEq(recipient.caller(), address(portal));
        vm.assertEq(recipient.balance(), 2 ether);
        vm.assertEq(recipient.data(), "hello");
        vm.assertGe(recipient.gasSeen(), 199_000);
        vm.assertEq(portal.l2Sender(), address(0));
    }

    function test_FailedCallKeepsTheTransferAndIsNotRepeated() public {
        Withdrawal memory withdrawal =
            _withdrawal(address(recipient), 2 ether, 50_000, abi.encodeCall(Recipient.refuse, ()));
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _pay(withdrawal, false);
        vm.assertEq(token.balanceOf(address(recipient)), 2 ether);
        vm.assertEq(portal.l2Sender(), address(0));
        vm.expectRevert(abi.encodeWithSelector(IPortal.AlreadyFinalized.selector, withdrawal.hash()));
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function test_TargetCannotMakeTheCallFailByUsingOrReturningEverything() public {
        Withdrawal memory withdrawal =
            _withdrawal(address(recipient), 1 ether, 50_000, abi.encodeCall(Recipient.burnEverything, ()));
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        portal.finalizeWithdrawal{gas: 2_000_000}(withdrawal, batch, output, proof);
        vm.assertTrue(portal.finalizedWithdrawals(withdrawal.hash()));
    }

    function test_ReturnDataIsNotCopied() public {
        _pay(_withdrawal(address(recipient), 0, 50_000, abi.encodeCall(Recipient.returnTooMuch, ())), true);
    }

    /// @dev Too little gas must refuse, else anybody could waste a withdrawal by starving its call.
    function testFuzz_NeverStarvesTheCall(uint256 gasGiven) public {
        uint256 promised = 300_000;
        Withdrawal memory withdrawal =
            _withdrawal(address(recipient), 1 ether, promised, abi.encodeCall(Recipient.note, ("hello")));
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        gasGiven = bound(gasGiven, 100_000, 700_000);
        try portal.finalizeWithdrawal{gas: gasGiven}(withdrawal, batch, output, proof) {
            // What note() spends before it looks is dispatch only.
            vm.assertGe(recipient.gasSeen() + 1_000, promised);
        } catch {
            vm.assertFalse(portal.finalizedWithdrawals(withdrawal.hash()));
        }
    }

    function test_RefusesTooLittleGasAndAnyGasLimitBeyondReason() public {
        Withdrawal memory withdrawal =
            _withdrawal(address(recipient), 1 ether, type(uint256).max, abi.encodeCall(Recipient.note, ("")));
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        vm.expectPartialRevert(IPortal.NotEnoughGas.selector);
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function test_RefusesToCallTheToken() public {
        bytes memory steal = abi.encodeCall(IERC20.transfer, (BOB, ESCROW));
        _refuse(
            _withdrawal(address(token), 0, 100_000, steal),
            abi.encodeWithSelector(IPortal.ForbiddenTarget.selector, address(token))
        );
    }

    function test_RefusesToCallItself() public {
        _refuse(
            _withdrawal(address(portal), 0, 100_000, ""),
            abi.encodeWithSelector(IPortal.ForbiddenTarget.selector, address(portal))
        );
    }

    function test_RefusesReentry() public {
        Withdrawal memory inner = _withdrawal(BOB, 1 ether, 0, "");
        OutputRootProof memory output = _output(keccak256("any"));
        bytes memory again = abi.encodeCall(IPortal.finalizeWithdrawal, (inner, 0, output, new bytes[](0)));
        _pay(_withdrawal(address(recipient), 1 ether, 500_000, abi.encodeCall(Recipient.callBack, (again))), true);
        vm.assertEq(recipient.data(), abi.encodePacked(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        vm.assertEq(token.balanceOf(BOB), 0);
    }

    function test_TargetMayDepositDuringTheCall() public {
        _pay(_withdrawal(address(recipient), 1 ether, 500_000, abi.encodeCall(Recipient.depositBack, ())), true);
        vm.assertEq(portal.depositCount(), 2);
    }

    function test_RefusesBatchThatIsNotSettled() public {
        Withdrawal memory withdrawal = _withdrawal(BOB, 1 ether, 0, "");
        (bytes32 root, bytes[] memory proof) = StorageTrie.ofOne(withdrawal.hash());
        OutputRootProof memory output = _output(root);
        uint64 batch = _submitWithClaim(GENESIS_OUTPUT, 1, output.hash());
        vm.expectRevert(abi.encodeWithSelector(IStateClaims.NotSettled.selector, batch));
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function testFuzz_RefusesAnotherOutputRoot(uint8 field, bytes32 value) public {
        Withdrawal memory withdrawal = _withdrawal(BOB, 1 ether, 0, "");
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        bytes32 settled = output.hash();
        if (field % 4 == 0) output.version = value;
        else if (field % 4 == 1) output.stateRoot = value;
        else if (field % 4 == 2) output.messagePasserStorageRoot = value;
        else output.blockHash = value;
        vm.assume(output.hash() != settled);
        vm.expectRevert(abi.encodeWithSelector(IPortal.WrongOutputRoot.selector, settled, output.hash()));
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function testFuzz_RefusesAnyOtherWithdrawal(uint8 field, uint256 value) public {
        Withdrawal memory withdrawal = _withdrawal(BOB, 1 ether, 0, "");
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        bytes32 proven = withdrawal.hash();
        if (field % 5 == 0) withdrawal.nonce = value;
        else if (field % 5 == 1) withdrawal.sender = address(uint160(value));
        else if (field % 5 == 2) withdrawal.target = address(uint160(value));
        else if (field % 5 == 3) withdrawal.value = value;
        else withdrawal.gasLimit = value;
        vm.assume(withdrawal.hash() != proven);
        vm.assume(withdrawal.target != address(token) && withdrawal.target != address(portal));
        vm.expectRevert(abi.encodeWithSelector(IPortal.WithdrawalNotProven.selector, withdrawal.hash()));
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function test_RefusesProofsOfTheWrongLength() public {
        Withdrawal memory withdrawal = _withdrawal(BOB, 1 ether, 0, "");
        (uint64 batch, OutputRootProof memory output,) = _settle(withdrawal);
        bytes memory refusal = abi.encodeWithSelector(IPortal.WithdrawalNotProven.selector, withdrawal.hash());
        vm.expectRevert(refusal);
        portal.finalizeWithdrawal(withdrawal, batch, output, new bytes[](0));
        vm.expectRevert(refusal);
        portal.finalizeWithdrawal(withdrawal, batch, output, new bytes[](66));
    }

    function test_RefusesWhilePausedAndGoesOnAfterwards() public {
        Withdrawal memory withdrawal = _withdrawal(BOB, 1 ether, 0, "");
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        vm.prank(GUARDIAN);
        systemConfig.pause();
        uint256 until = block.timestamp + 120;
        vm.expectRevert(abi.encodeWithSelector(IPortal.WithdrawalsPaused.selector, until));
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
        vm.warp(until);
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function test_RefusesMoreThanTheEscrowHolds() public {
        _refuse(
            _withdrawal(BOB, ESCROW + 1, 0, ""),
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(portal), ESCROW, ESCROW + 1)
        );
    }

    function _withdrawal(address target, uint256 value, uint256 gasLimit, bytes memory data)
        private
        view
        returns (Withdrawal memory)
    {
        return Withdrawal(1 << 240, ALICE, target, value, gasLimit, data);
    }

    function _output(bytes32 storageRoot) private pure returns (OutputRootProof memory) {
        return OutputRootProof(0, keccak256("state"), storageRoot, keccak256("block"));
    }

    /// @dev Settles batch 1 with an output that holds `withdrawal` and nothing else.
    function _settle(Withdrawal memory withdrawal)
        private
        returns (uint64 batch, OutputRootProof memory output, bytes[] memory proof)
    {
        bytes32 root;
        (root, proof) = StorageTrie.ofOne(withdrawal.hash());
        output = _output(root);
        batch = _settleOutput(output.hash());
    }

    function _pay(Withdrawal memory withdrawal, bool success)
        private
        returns (uint64 batch, OutputRootProof memory output, bytes[] memory proof)
    {
        (batch, output, proof) = _settle(withdrawal);
        vm.expectEmit(address(portal));
        emit IPortal.WithdrawalFinalized(withdrawal.hash(), success);
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
    }

    function _refuse(Withdrawal memory withdrawal, bytes memory refusal) private {
        (uint64 batch, OutputRootProof memory output, bytes[] memory proof) = _settle(withdrawal);
        vm.expectRevert(refusal);
        portal.finalizeWithdrawal(withdrawal, batch, output, proof);
        vm.assertFalse(portal.finalizedWithdrawals(withdrawal.hash()));
    }
}
