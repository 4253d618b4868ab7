// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ITransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {FeeVault} from "../../src/l2/FeeVault.sol";
import {GasPriceOracle} from "../../src/l2/GasPriceOracle.sol";
import {L1Block} from "../../src/l2/L1Block.sol";
import {L2ToL1MessagePasser} from "../../src/l2/L2ToL1MessagePasser.sol";
import {MetisSequencerSet} from "../../src/l2/MetisSequencerSet.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {Proxy} from "../../src/proxy/Proxy.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {Test} from "../base/Test.sol";

/// @notice Predeploys at their addresses behind proxies, told their parameters by storage, as in the genesis.
abstract contract L2Fixture is Test {
    bytes32 internal constant ORACLE_SLOT = 0x50960162390e9096e6b9e038c1869daac6ae45ec43103118fe3f4f9bede61100;

    L1Block internal constant l1Block = L1Block(Predeploys.L1_BLOCK);
    MetisSequencerSet internal constant sequencerSet = MetisSequencerSet(payable(Predeploys.METIS_SEQUENCER_SET));
    L2ToL1MessagePasser internal constant passer = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));
    GasPriceOracle internal constant oracle = GasPriceOracle(Predeploys.GAS_PRICE_ORACLE);
    FeeVault internal constant vault = FeeVault(payable(Predeploys.BASE_FEE_VAULT));

    address internal immutable ADMIN = makeAddress("proxy admin");

    function setUp() public virtual {
        L1Chain.installHistory();
        _predeploy(address(l1Block), address(new L1Block()));
        _predeploy(address(sequencerSet), address(new MetisSequencerSet()));
        _predeploy(address(passer), address(new L2ToL1MessagePasser()));
        _predeploy(address(oracle), address(new GasPriceOracle()));
        _predeploy(address(vault), address(new FeeVault()));
        _predeploy(Predeploys.SEQUENCER_FEE_VAULT, address(new FeeVault()));
        _predeploy(Predeploys.L1_FEE_VAULT, address(new FeeVault()));
    }

    function _predeploy(address predeploy, address implementation) private {
        vm.etch(predeploy, address(new Proxy(ADMIN)).code);
        vm.prank(ADMIN);
        ITransparentUpgradeableProxy(predeploy).upgradeToAndCall(implementation, "");
    }

    function _move(uint64 number, uint256 baseFee, uint256 blobBaseFee, uint256 rate, bytes memory attendance)
        internal
    {
        vm.prank(Predeploys.SYSTEM_SENDER);
        l1Block.setL1BlockValues(
            number,
            1_700_000_000 + number,
            baseFee,
            blobBaseFee,
            keccak256("hash"),
            keccak256("randao"),
            rate,
            attendance
        );
    }
}
