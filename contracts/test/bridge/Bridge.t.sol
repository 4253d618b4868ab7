// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {L1StandardBridge} from "../../src/bridge/L1StandardBridge.sol";
import {MintableERC20} from "../../src/bridge/MintableERC20.sol";
import {StandardBridge} from "../../src/bridge/StandardBridge.sol";
import {L2StandardBridge} from "../../src/l2/L2StandardBridge.sol";
import {MetisETH} from "../../src/l2/MetisETH.sol";
import {FakeMintable, FeeToken, HookToken, PlainToken, Recorder} from "./Targets.sol";
import {TwoLayers} from "./TwoLayers.sol";

contract BridgeTest is TwoLayers {
    address private immutable ALICE = makeAddress("alice");
    address private immutable BOB = makeAddress("bob");

    function _l2TokenFor(address l1Token) private returns (MintableERC20) {
        return MintableERC20(factory.createMintableERC20(l1Token, "Plain on L2", "PLN", 18));
    }

    function _bridge(IERC20 l1Token, address l2Token, uint256 amount) private {
        vm.startPrank(ALICE, ALICE);
        l1Token.approve(address(l1Bridge), amount);
        l1Bridge.bridgeERC20To(address(l1Token), l2Token, BOB, amount, 0, "");
        vm.stopPrank();
    }

    function test_MetisGoesToL2AndBack() public {
        _fund(ALICE, 10 ether);
        vm.startPrank(ALICE, ALICE);
        token.approve(address(l1Bridge), 10 ether);
        l1Bridge.bridgeMETISTo(BOB, 10 ether, 0, hex"aa");
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(portal)), 10 ether);
        vm.assertTrue(_takeDeposit());
        vm.assertEq(BOB.balance, 10 ether);

        vm.prank(BOB, BOB);
        l2Bridge.bridgeMETISTo{value: 4 ether}(ALICE, 0, "");
        _payWithdrawal();
        vm.assertEq(token.balanceOf(ALICE), 4 ether);
        vm.assertEq(token.balanceOf(address(portal)), 6 ether);
        vm.assertEq(token.balanceOf(address(l1Bridge)), 0);
        vm.assertEq(BOB.balance, 6 ether);
    }

    function test_EthGoesToL2AsATokenAndBack() public {
        vm.deal(ALICE, 5 ether);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeETHTo{value: 5 ether}(BOB, 0, "");
        vm.assertTrue(_takeDeposit());
        vm.assertEq(metisEth.balanceOf(BOB), 5 ether);
        vm.assertEq(metisEth.totalSupply(), address(l1Bridge).balance);

        vm.prank(BOB, BOB);
        l2Bridge.bridgeETHTo(ALICE, 2 ether, 0, "");
        vm.assertEq(metisEth.totalSupply(), 3 ether);
        _payWithdrawal();
        vm.assertEq(ALICE.balance, 2 ether);
        vm.assertEq(address(l1Bridge).balance, 3 ether);
    }

    function test_EthSentPlainlyGoesToTheSendersAddress() public {
        vm.deal(ALICE, 1 ether);
        vm.prank(ALICE, ALICE);
        (bool sent,) = address(l1Bridge).call{value: 1 ether}("");
        vm.assertTrue(sent);
        _takeDeposit();
        vm.assertEq(metisEth.balanceOf(ALICE), 1 ether);

        // Delegated to code, and still the account of whoever has its key (EIP-7702).
        vm.etch(BOB, abi.encodePacked(hex"ef0100", address(token)));
        vm.deal(BOB, 1 ether);
        vm.prank(BOB, makeAddress("bundler"));
        (sent,) = address(l1Bridge).call{value: 1 ether}("");
        vm.assertTrue(sent);

        vm.deal(address(this), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(L1StandardBridge.SenderIsContract.selector, address(this)));
        (sent,) = address(l1Bridge).call{value: 1 ether}("");
    }

    function test_Erc20GoesToL2AndBack() public {
        PlainToken plain = new PlainToken(ALICE);
        MintableERC20 remote = _l2TokenFor(address(plain));
        _bridge(plain, address(remote), 7 ether);
        vm.assertEq(l1Bridge.deposits(address(plain), address(remote)), 7 ether);
        vm.assertTrue(_takeDeposit());
        vm.assertEq(remote.balanceOf(BOB), 7 ether);

        vm.prank(BOB, BOB);
        l2Bridge.bridgeERC20To(address(remote), address(plain), BOB, 3 ether, 0, "");
        vm.assertEq(remote.totalSupply(), 4 ether);
        _payWithdrawal();
        vm.assertEq(plain.balanceOf(BOB), 3 ether);
        vm.assertEq(l1Bridge.deposits(address(plain), address(remote)), 4 ether);
    }

    function test_WhatATransferFeeLeavesIsWhatIsCarried() public {
        FeeToken fee = new FeeToken(ALICE);
        MintableERC20 remote = _l2TokenFor(address(fee));
        _bridge(fee, address(remote), 100 ether);
        _takeDeposit();
        vm.assertEq(remote.totalSupply(), 99 ether);
        vm.assertEq(fee.balanceOf(address(l1Bridge)), 99 ether);

        vm.prank(BOB, BOB);
        l2Bridge.bridgeERC20To(address(remote), address(fee), BOB, 99 ether, 0, "");
        _payWithdrawal();
        vm.assertEq(fee.balanceOf(address(l1Bridge)), 0);
        vm.assertEq(fee.balanceOf(BOB), 99 ether - 0.99 ether);
    }

    function test_ATokenThatCallsBackCannotBeCountedTwice() public {
        HookToken hook = new HookToken(ALICE, l1Bridge);
        vm.startPrank(ALICE, ALICE);
        hook.approve(address(l1Bridge), 10 ether);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        l1Bridge.bridgeERC20To(address(hook), address(1), BOB, 10 ether, 0, "");
        vm.stopPrank();
    }

    function test_ATokenThatStandsForAnotherComesBackToItsSender() public {
        PlainToken plain = new PlainToken(ALICE);
        MintableERC20 remote = _l2TokenFor(address(new PlainToken(ALICE)));
        _bridge(plain, address(remote), 7 ether);
        vm.assertTrue(_takeDeposit());
        vm.assertEq(remote.totalSupply(), 0);
        uint256 before = plain.balanceOf(ALICE);
        _payWithdrawal();
        vm.assertEq(plain.balanceOf(ALICE), before + 7 ether);
        vm.assertEq(plain.balanceOf(address(l1Bridge)), 0);
    }

    function test_AnAddressThatIsNoTokenSendsTheDepositBack() public {
        PlainToken plain = new PlainToken(ALICE);
        _bridge(plain, makeAddress("nothing"), 7 ether);
        _takeDeposit();
        uint256 before = plain.balanceOf(ALICE);
        _payWithdrawal();
        vm.assertEq(plain.balanceOf(ALICE), before + 7 ether);
    }

    function test_AnL2TokenThatMintsFreelyReachesNothingButItsOwnEscrow() public {
        PlainToken plain = new PlainToken(ALICE);
        _bridge(plain, address(_l2TokenFor(address(plain))), 7 ether);
        _takeDeposit();
        FakeMintable fake = new FakeMintable(address(l2Bridge), address(plain));
        vm.prank(BOB, BOB);
        l2Bridge.bridgeERC20To(address(fake), address(plain), BOB, 7 ether, 0, "");
        _payWithdrawal();
        vm.assertEq(plain.balanceOf(BOB), 0);
        vm.assertEq(plain.balanceOf(address(l1Bridge)), 7 ether);
        vm.assertTrue(l1Messenger.failedMessages(keccak256(withdrawals[0].data)));
    }

    function test_AWithdrawalThatItsRecipientRefusesIsPaidLater() public {
        Recorder recipient = new Recorder(l1Messenger);
        vm.deal(ALICE, 5 ether);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeETHTo{value: 5 ether}(ALICE, 0, "");
        _takeDeposit();
        recipient.setRefusing(true);
        vm.prank(ALICE, ALICE);
        l2Bridge.bridgeETHTo(address(recipient), 5 ether, 0, "");
        _payWithdrawal();
        vm.assertEq(address(l1Bridge).balance, 5 ether);

        recipient.setRefusing(false);
        (bool success,) = address(l1Messenger).call(withdrawals[0].data);
        vm.assertTrue(success);
        vm.assertEq(address(recipient).balance, 5 ether);
        (success,) = address(l1Messenger).call(withdrawals[0].data);
        vm.assertFalse(success);
    }

    function test_MetisAndEthAreNotCarriedAsTokens() public {
        vm.expectRevert(abi.encodeWithSelector(StandardBridge.NotAnERC20.selector, address(token)));
        l1Bridge.bridgeERC20To(address(token), address(1), BOB, 1, 0, "");
        PlainToken plain = new PlainToken(ALICE);
        vm.expectRevert(abi.encodeWithSelector(StandardBridge.NotAnERC20.selector, address(plain)));
        l1Bridge.bridgeERC20To(address(plain), address(metisEth), BOB, 1, 0, "");
        vm.expectRevert(abi.encodeWithSelector(StandardBridge.NotAnERC20.selector, address(metisEth)));
        l2Bridge.bridgeERC20To(address(metisEth), address(0), BOB, 1, 0, "");
    }

    function test_OnlyTheOtherBridgeFinalises() public {
        vm.expectRevert(StandardBridge.OnlyOtherBridge.selector);
        l1Bridge.finalizeBridgeETH(ALICE, ALICE, 1, "");
        vm.expectRevert(StandardBridge.OnlyOtherBridge.selector);
        l2Bridge.finalizeBridgeETH(ALICE, ALICE, 1, "");

        // Through the messenger, but not from the bridge.
        vm.prank(ALICE, ALICE);
        l1Messenger.sendMessage(address(l2Bridge), abi.encodeCall(l2Bridge.finalizeBridgeETH, (ALICE, ALICE, 1, "")), 0);
        vm.assertTrue(_takeDeposit());
        vm.assertEq(metisEth.totalSupply(), 0);
        vm.assertTrue(l2Messenger.failedMessages(keccak256(deposits[0].data)));
    }

    function test_OnlyTheBridgeMintsAndBurns() public {
        MintableERC20 remote = _l2TokenFor(address(1));
        vm.expectRevert(MintableERC20.OnlyBridge.selector);
        remote.mint(ALICE, 1);
        vm.expectRevert(MintableERC20.OnlyBridge.selector);
        remote.burn(ALICE, 1);
        vm.expectRevert(MetisETH.OnlyBridge.selector);
        metisEth.mint(ALICE, 1);
        vm.expectRevert(MetisETH.OnlyBridge.selector);
        metisEth.burn(ALICE, 1);
    }

    function test_NobodyBurnsWhatTheyDoNotHold() public {
        vm.deal(ALICE, 5 ether);
        vm.prank(ALICE, ALICE);
        l1Bridge.bridgeETHTo{value: 5 ether}(ALICE, 0, "");
        _takeDeposit();
        vm.prank(BOB, BOB);
        vm.expectRevert();
        l2Bridge.bridgeETHTo(BOB, 1, 0, "");
    }

    function test_TheFactoryKnowsItsTokensAndMakesEachOnce() public {
        MintableERC20 remote = _l2TokenFor(address(42));
        vm.assertEq(factory.deployments(address(remote)), address(42));
        vm.assertEq(remote.remoteToken(), address(42));
        vm.assertEq(remote.bridge(), address(l2Bridge));
        vm.expectRevert();
        _l2TokenFor(address(42));
    }
}
