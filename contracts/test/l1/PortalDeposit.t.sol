// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IPortal} from "../../src/interfaces/IPortal.sol";
import {Portal} from "../../src/l1/Portal.sol";
import {AddressAliasing} from "../../src/libraries/AddressAliasing.sol";
import {Deposit, DepositHash} from "../../src/types/Deposit.sol";
import {L1Fixture} from "./L1Fixture.sol";

/// @notice Deposits from its own constructor, when it has no code yet.
contract DepositsWhileItIsBuilt {
    constructor(IPortal portal) {
        portal.depositTransaction(address(this), 0, 0, 21_000, false, "");
    }
}

/// @notice The deposit queue and what it asks of a deposit.
contract PortalDepositTest is L1Fixture {
    uint256 private constant ALICE_KEY = uint256(keccak256("alice's key"));
    address private alice;

    function setUp() public override {
        super.setUp();
        alice = vm.addr(ALICE_KEY);
        vm.prank(TREASURY);
        token.transfer(alice, 100 ether);
    }

    function test_InitializesOnceAndNeverTheImplementation() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        portal.initialize(systemConfig);
        Portal implementation = new Portal();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(systemConfig);
    }

    function testFuzz_DepositJoinsTheQueue(address to, uint96 mint, uint256 value, uint32 gasLimit, bytes calldata data)
        public
    {
        mint = uint96(bound(mint, 0, 100 ether));
        gasLimit = uint32(bound(gasLimit, 21_000 + 40 * data.length, 10_000_000));
        Deposit memory deposit = Deposit({
            index: 0,
            l1BlockNumber: uint64(block.number),
            from: alice,
            to: to,
            mint: mint,
            value: value,
            gasLimit: gasLimit,
            isCreation: false,
            data: data
        });
        bytes32 queueHash = DepositHash.append(0, deposit.hash());

        vm.startPrank(alice, alice);
        token.approve(address(portal), mint);
        vm.expectEmit(address(portal));
        emit IPortal.TransactionDeposited(0, alice, to, mint, value, gasLimit, false, data, queueHash);
        portal.depositTransaction(to, mint, value, gasLimit, false, data);
        vm.stopPrank();

        vm.assertEq(portal.depositCount(), 1);
        vm.assertEq(portal.queueHashAt(0), 0);
        vm.assertEq(portal.queueHashAt(1), queueHash);
        vm.assertEq(portal.depositBlockNumber(0), block.number);
        vm.assertEq(portal.depositTimestamp(0), block.timestamp);
        vm.assertEq(token.balanceOf(address(portal)), mint);
    }

    function test_QueueChainsAndCountsByBlock() public {
        uint64 first = uint64(block.number);
        _deposit(21_000);
        _deposit(21_000);
        vm.roll(first + 3);
        _deposit(21_000);
        vm.assertEq(portal.depositCountAt(first - 1), 0);
        vm.assertEq(portal.depositCountAt(first), 2);
        vm.assertEq(portal.depositCountAt(first + 2), 2);
        vm.assertEq(portal.depositCountAt(first + 3), 3);
        vm.assertEq(portal.depositCountAt(type(uint64).max), 3);
        (bool exact, bytes32 queueHash) = portal.queueStateAt(2, first);
        vm.assertTrue(exact);
        vm.assertEq(queueHash, portal.queueHashAt(2));
        (exact,) = portal.queueStateAt(4, type(uint64).max);
        vm.assertFalse(exact);
    }

    function test_RefusesUnknownDepositInViews() public {
        _deposit(21_000);
        vm.expectRevert(abi.encodeWithSelector(IPortal.UnknownDeposit.selector, 1));
        portal.depositBlockNumber(1);
        vm.expectRevert(abi.encodeWithSelector(IPortal.UnknownDeposit.selector, 1));
        portal.depositTimestamp(1);
        vm.expectRevert(abi.encodeWithSelector(IPortal.UnknownDeposit.selector, 1));
        portal.queueHashAt(2);
    }

    function test_RefusesDataAboveTheLimit() public {
        vm.expectRevert(abi.encodeWithSelector(IPortal.DataTooLong.selector, 120_001, 120_000));
        portal.depositTransaction(alice, 0, 0, 10_000_000, false, new bytes(120_001));
        portal.depositTransaction(alice, 0, 0, 10_000_000, false, new bytes(120_000));
    }

    function testFuzz_RefusesGasLimitBelowMinimum(uint16 length, uint64 gasLimit) public {
        uint256 minimum = 21_000 + 40 * uint256(length);
        gasLimit = uint64(bound(gasLimit, 0, minimum - 1));
        vm.expectRevert(abi.encodeWithSelector(IPortal.GasLimitTooLow.selector, gasLimit, minimum));
        portal.depositTransaction(alice, 0, 0, gasLimit, false, new bytes(length));
    }

    function test_RefusesCreationWithRecipient() public {
        vm.expectRevert(abi.encodeWithSelector(IPortal.CreationWithRecipient.selector, alice));
        portal.depositTransaction(alice, 0, 0, 100_000, true, hex"00");
        portal.depositTransaction(address(0), 0, 0, 100_000, true, hex"00");
    }

    function test_RefusesMintWithoutAllowanceAndKeepsNoDeposit() public {
        vm.prank(alice, alice);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(portal), 0, 1));
        portal.depositTransaction(alice, 1, 0, 21_000, false, "");
        vm.assertEq(portal.depositCount(), 0);
    }

    function test_PermitTakesThePlaceOfApprove() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(5 ether);
        vm.prank(alice, alice);
        portal.depositTransactionWithPermit(alice, 5 ether, 0, 21_000, false, "", block.timestamp, v, r, s);
        vm.assertEq(token.balanceOf(address(portal)), 5 ether);
    }

    /// @dev Whoever sees a permit can use it first; that must not stop the deposit.
    function test_PermitUsedByAnotherIsNoObstacle() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(5 ether);
        token.permit(alice, address(portal), 5 ether, block.timestamp, v, r, s);
        vm.prank(alice, alice);
        portal.depositTransactionWithPermit(alice, 5 ether, 0, 21_000, false, "", block.timestamp, v, r, s);
        vm.assertEq(token.balanceOf(address(portal)), 5 ether);
    }

    /// @dev The permit is the caller's own: nobody deposits another's METIS with it.
    function test_PermitOfAnotherDoesNotPay() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(5 ether);
        vm.prank(TREASURY, TREASURY);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(portal), 0, 5 ether)
        );
        portal.depositTransactionWithPermit(TREASURY, 5 ether, 0, 21_000, false, "", block.timestamp, v, r, s);
    }

    function test_ContractActsUnderItsAlias() public {
        portal.depositTransaction(alice, 0, 0, 21_000, false, "");
        _assertOnlyDeposit(AddressAliasing.alias_(address(this)), alice);
    }

    function test_ContractUnderConstructionActsUnderItsAlias() public {
        address built = address(new DepositsWhileItIsBuilt(portal));
        _assertOnlyDeposit(AddressAliasing.alias_(built), built);
    }

    function test_DelegatedAccountKeepsItsAddress() public {
        vm.etch(alice, abi.encodePacked(hex"ef0100", address(portal)));
        // Called by somebody's transaction, not its own: the delegation alone tells that there is a key.
        vm.prank(alice, TREASURY);
        portal.depositTransaction(alice, 0, 0, 21_000, false, "");
        _assertOnlyDeposit(alice, alice);
    }

    function test_CodeAsLongAsADelegationIsAliased() public {
        vm.etch(alice, abi.encodePacked(hex"600100", address(portal)));
        vm.prank(alice, TREASURY);
        portal.depositTransaction(alice, 0, 0, 21_000, false, "");
        _assertOnlyDeposit(AddressAliasing.alias_(alice), alice);
    }

    /// @dev Checks `from` through the queue hash, which is what L2 goes by.
    function _assertOnlyDeposit(address from, address to) private view {
        Deposit memory deposit = Deposit(0, uint64(block.number), from, to, 0, 0, 21_000, false, "");
        vm.assertEq(portal.queueHashAt(1), DepositHash.append(0, deposit.hash()));
    }

    function _deposit(uint64 gasLimit) private {
        vm.prank(alice, alice);
        portal.depositTransaction(alice, 0, 0, gasLimit, false, "");
    }

    function _permit(uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash =
            keccak256(abi.encode(typeHash, alice, address(portal), amount, token.nonces(alice), block.timestamp));
        return vm.sign(ALICE_KEY, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
    }
}
