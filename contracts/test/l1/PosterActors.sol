// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IEmissionReserve} from "../../src/interfaces/IEmissionReserve.sol";
import {EpochRefunds} from "../../src/interfaces/IPosterVault.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {EpochRevenue} from "../../src/types/EpochRevenue.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {SpeakingMessenger} from "../staking/Rewards.t.sol";
import {PosterFixture} from "./PosterVault.t.sol";

/// @notice Posters, reports of epochs that bring fees, and what both are paid, driven at random; and the books of it.
contract PosterActors is PosterFixture {
    uint256 private constant ETHER = 1e18;
    address[3] private names;

    /// @notice METIS wei that came into the vault, and that posters withdrew.
    uint256 public cameIn;
    uint256 public paidOut;
    /// @notice METIS wei of fees that came into the reserve, and that seats were paid, rewards included.
    uint256 public feesIn;
    uint256 public seatsPaid;
    /// @notice The first epoch that is not reported, and the first that is not distributed.
    uint64 public reported;
    uint64 public distributed;
    /// @notice METIS wei that each poster's costs are worth at their epochs' rates, settled ones.
    mapping(address poster => uint256) public worth;
    mapping(address poster => uint256) public withdrawn;

    function start() external {
        setUp();
        vm.etch(address(0x1111), type(SpeakingMessenger).runtimeCode);
        names = [makeAddress("first"), makeAddress("second"), makeAddress("third")];
    }

    function world() external view returns (address vault, address reserve_, address token_, address delegation_) {
        return (address(posters), address(reserve), address(token), address(delegation));
    }

    function poster(uint256 index) public view returns (address) {
        return names[index % names.length];
    }

    function post(uint256 who, uint64 price, uint64 base) external {
        vm.fee(bound(base, 1, 300 gwei));
        vm.txGasPrice(bound(price, block.basefee, 400 gwei));
        uint64 epoch = inbox.nextEpoch();
        uint256 before = posters.epochRefunds(epoch).owed;
        uint256 cost = _post(poster(who));
        vm.assertLe(cost, tx.gasprice * 1_000_000);
        vm.assertEq(posters.epochRefunds(epoch).owed, before + cost, "a cost is owed by its epoch");
        L1Chain.mine(1, 1);
    }

    function wait(uint8 blocks) external {
        L1Chain.mine(bound(blocks, 1, 30), 1);
    }

    /// @dev An epoch is reported by a batch of a later one.
    function report(uint96 fees, uint96 l1Fees, uint96 rate, uint8 attested) external {
        uint64 epoch = reported;
        if (epoch + 1 >= inbox.nextEpoch()) return;
        EpochRevenue memory revenue = EpochRevenue(fees % 1000 ether, l1Fees % 0.01 ether, rate % 1000 ether);
        vm.prank(TREASURY);
        token.transfer(address(reserve), revenue.fees + revenue.l1Fees);
        bytes memory message =
            abi.encodeCall(IEmissionReserve.receiveAttendance, (epoch, 100, _words(attested), revenue));
        SpeakingMessenger(address(0x1111)).speak(Predeploys.METIS_SEQUENCER_SET, address(reserve), message);
        _bookReport(epoch, revenue);
    }

    function distribute(uint8 attested) external {
        uint64 epoch = distributed;
        if (epoch >= reported) return;
        uint256 before = token.balanceOf(address(delegation));
        try reserve.distribute(epoch, members, 100, _words(attested)) {
            ++distributed;
        } catch {
            return;
        }
        seatsPaid += token.balanceOf(address(delegation)) - before;
    }

    function withdraw(uint256 who, uint8 first, uint8 count) external {
        uint64[] memory epochs = new uint64[](uint256(count) % 8);
        for (uint256 i = 0; i < epochs.length; ++i) {
            epochs[i] = uint64(first % 4 + i);
        }
        address account = poster(who);
        vm.prank(account);
        try posters.withdraw(epochs, account) returns (uint256 amount) {
            paidOut += amount;
            withdrawn[account] += amount;
        } catch {}
    }

    /// @dev Anyone may send the vault METIS.
    function donate(uint64 amount) external {
        _fill(amount);
        cameIn += amount;
    }

    /// @notice METIS wei that all posters may withdraw now.
    function withdrawable() external view returns (uint256 sum) {
        uint64[] memory epochs = new uint64[](uint256(reported) + 2);
        for (uint256 i = 0; i < epochs.length; ++i) {
            epochs[i] = uint64(i);
        }
        for (uint256 who = 0; who < names.length; ++who) {
            uint256[] memory amounts = posters.refundsOf(names[who], epochs);
            for (uint256 i = 0; i < amounts.length; ++i) {
                sum += amounts[i];
            }
        }
    }

    function _bookReport(uint64 epoch, EpochRevenue memory revenue) private {
        ++reported;
        cameIn += revenue.l1Fees;
        feesIn += revenue.fees;
        EpochRefunds memory refunds = posters.epochRefunds(epoch);
        vm.assertLe(refunds.granted, uint256(refunds.owed) * revenue.rate / ETHER);
        for (uint256 i = 0; i < names.length; ++i) {
            worth[names[i]] += posters.owedTo(epoch, names[i]) * revenue.rate / ETHER;
        }
    }

    /// @dev Half of the members are there, or all: with `distribute` of the same number it is the same.
    function _words(uint8 attested) private pure returns (uint256[] memory words) {
        words = new uint256[](1);
        for (uint256 i = 0; i < 4; ++i) {
            uint256 there = attested % 2 == 0 || i < 3 ? 100 : 40;
            words[0] |= (there << 32 | 25) << (64 * i);
        }
    }
}
