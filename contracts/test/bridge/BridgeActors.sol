// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CrossDomainMessenger} from "../../src/bridge/CrossDomainMessenger.sol";
import {MintableERC20} from "../../src/bridge/MintableERC20.sol";
import {PlainToken, Recorder} from "./Targets.sol";
import {TwoLayers} from "./TwoLayers.sol";

/// @notice People who carry METIS, ETH and a token between the layers in any order, to recipients that now and then
///         refuse, and others who take deposits, pay withdrawals and try messages again with any gas.
/// @dev Both layers share one EVM, so an account has a side: native value of the L1 side is ETH, of the L2 side METIS.
contract BridgeActors is TwoLayers {
    uint256 public constant METIS_SUPPLY = 1_000_000 ether;
    uint256 private constant ETH_EACH = 1_000 ether;

    address[3] private people1;
    address[3] private people2;
    Recorder private immutable RECIPIENT1;
    Recorder private immutable RECIPIENT2;
    PlainToken public immutable PLAIN;
    MintableERC20 public immutable REMOTE;

    constructor() {
        setUp();
        RECIPIENT1 = new Recorder(l1Messenger);
        RECIPIENT2 = new Recorder(l2Messenger);
        PLAIN = new PlainToken(TREASURY);
        REMOTE = MintableERC20(factory.createMintableERC20(address(PLAIN), "Plain on L2", "PLN", 18));
        people1 = [makeAddress("alice on L1"), makeAddress("bob on L1"), address(RECIPIENT1)];
        people2 = [makeAddress("alice on L2"), makeAddress("bob on L2"), address(RECIPIENT2)];
        for (uint256 i = 0; i < 2; ++i) {
            _fund(people1[i], METIS_SUPPLY / 2);
            vm.deal(people1[i], ETH_EACH);
            vm.prank(TREASURY);
            PLAIN.transfer(people1[i], 100_000 ether);
            vm.startPrank(people1[i]);
            token.approve(address(l1Bridge), type(uint256).max);
            PLAIN.approve(address(l1Bridge), type(uint256).max);
            vm.stopPrank();
        }
    }

    function metisToL2(uint256 from, uint256 to, uint256 amount) external {
        address sender = people1[from % 2];
        if (token.balanceOf(sender) == 0) return;
        amount = bound(amount, 1, token.balanceOf(sender));
        vm.prank(sender, sender);
        l1Bridge.bridgeMETISTo(people2[to % 3], amount, 0, "");
    }

    function ethToL2(uint256 from, uint256 to, uint256 amount) external {
        address sender = people1[from % 2];
        if (sender.balance == 0) return;
        amount = bound(amount, 1, sender.balance);
        vm.prank(sender, sender);
        l1Bridge.bridgeETHTo{value: amount}(people2[to % 3], 0, "");
    }

    function tokenToL2(uint256 from, uint256 to, uint256 amount, bool wrongPair) external {
        address sender = people1[from % 2];
        if (PLAIN.balanceOf(sender) == 0) return;
        amount = bound(amount, 1, PLAIN.balanceOf(sender));
        address remote = wrongPair ? address(0xdead) : address(REMOTE);
        vm.prank(sender, sender);
        l1Bridge.bridgeERC20To(address(PLAIN), remote, people2[to % 3], amount, 0, "");
    }

    function metisToL1(uint256 from, uint256 to, uint256 amount) external {
        address sender = people2[from % 2];
        if (sender.balance == 0) return;
        amount = bound(amount, 1, sender.balance);
        vm.prank(sender, sender);
        l2Bridge.bridgeMETISTo{value: amount}(people1[to % 3], 0, "");
    }

    function ethToL1(uint256 from, uint256 to, uint256 amount) external {
        address sender = people2[from % 2];
        if (metisEth.balanceOf(sender) == 0) return;
        amount = bound(amount, 1, metisEth.balanceOf(sender));
        vm.prank(sender, sender);
        l2Bridge.bridgeETHTo(people1[to % 3], amount, 0, "");
    }

    function tokenToL1(uint256 from, uint256 to, uint256 amount) external {
        address sender = people2[from % 2];
        if (REMOTE.balanceOf(sender) == 0) return;
        amount = bound(amount, 1, REMOTE.balanceOf(sender));
        vm.prank(sender, sender);
        l2Bridge.bridgeERC20To(address(REMOTE), address(PLAIN), people1[to % 3], amount, 0, "");
    }

    function refuse(bool onL1, bool refusing) external {
        (onL1 ? RECIPIENT1 : RECIPIENT2).setRefusing(refusing);
    }

    function takeDeposit() public {
        _collect();
        if (depositsTaken < deposits.length) _takeDeposit();
    }

    function payWithdrawal() public {
        _collect();
        if (withdrawalsPaid < withdrawals.length) _payWithdrawal();
    }

    function replay(uint256 which, bool onL1, uint256 gas) external {
        uint256 count = onL1 ? withdrawalsPaid : depositsTaken;
        if (count == 0) return;
        _replay(onL1, which % count, bound(gas, 1_000, 2_000_000));
    }

    /// @notice Nobody refuses any more, all that is queued arrives, all that failed is tried again.
    function finishEverything() external {
        RECIPIENT1.setRefusing(false);
        RECIPIENT2.setRefusing(false);
        do {
            takeDeposit();
            payWithdrawal();
            _collect();
        } while (depositsTaken < deposits.length || withdrawalsPaid < withdrawals.length);
        for (uint256 i = 0; i < deposits.length; ++i) {
            _replay(false, i, 2_000_000);
        }
        for (uint256 i = 0; i < withdrawals.length; ++i) {
            _replay(true, i, 2_000_000);
        }
    }

    /// @notice METIS on L2: what accounts hold, what waits in failed messages, and what came without being passed on.
    function metisOnL2() external view returns (uint256 sum) {
        sum = address(l2Messenger).balance + address(l2Bridge).balance + _aliasOfL1Messenger().balance;
        for (uint256 i = 0; i < 3; ++i) {
            sum += people2[i].balance;
        }
    }

    /// @notice METIS queued in deposits that L2 has not taken, and in withdrawals that L1 has not paid.
    function metisUnderWay() external returns (uint256 sum) {
        _collect();
        for (uint256 i = depositsTaken; i < deposits.length; ++i) {
            sum += deposits[i].mint;
        }
        for (uint256 i = withdrawalsPaid; i < withdrawals.length; ++i) {
            sum += withdrawals[i].value;
        }
    }

    function metisInEscrow() external view returns (uint256) {
        return token.balanceOf(address(portal));
    }

    function metisOfMessengerAndBridgeOnL1() external view returns (uint256) {
        return token.balanceOf(address(l1Messenger)) + token.balanceOf(address(l1Bridge));
    }

    function ethInEscrow() external view returns (uint256) {
        return address(l1Bridge).balance;
    }

    function ethOnL2() external view returns (uint256) {
        return metisEth.totalSupply();
    }

    function tokenInEscrow() external view returns (uint256) {
        return PLAIN.balanceOf(address(l1Bridge));
    }

    function tokenOnL2() external view returns (uint256) {
        return REMOTE.totalSupply();
    }

    /// @dev A message that has been relayed must refuse; one that has not may do either.
    function _replay(bool onL1, uint256 index, uint256 gas) private {
        bytes memory call = onL1 ? withdrawals[index].data : deposits[index].data;
        CrossDomainMessenger messenger = onL1 ? CrossDomainMessenger(l1Messenger) : l2Messenger;
        bool relayed = messenger.successfulMessages(keccak256(call));
        (bool success,) = address(messenger).call{gas: gas}(call);
        assert(!(relayed && success));
    }
}
