// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {L1CrossDomainMessenger} from "../../src/bridge/L1CrossDomainMessenger.sol";
import {L1StandardBridge} from "../../src/bridge/L1StandardBridge.sol";
import {IPortal} from "../../src/interfaces/IPortal.sol";
import {L1Addresses} from "../../src/interfaces/ISystemConfig.sol";
import {L2CrossDomainMessenger} from "../../src/l2/L2CrossDomainMessenger.sol";
import {L2StandardBridge} from "../../src/l2/L2StandardBridge.sol";
import {L2ToL1MessagePasser} from "../../src/l2/L2ToL1MessagePasser.sol";
import {MetisETH} from "../../src/l2/MetisETH.sol";
import {MintableERC20Factory} from "../../src/l2/MintableERC20Factory.sol";
import {AddressAliasing} from "../../src/libraries/AddressAliasing.sol";
import {Predeploys} from "../../src/libraries/Predeploys.sol";
import {Proxy} from "../../src/proxy/Proxy.sol";
import {OutputRootProof, Withdrawal} from "../../src/types/Withdrawal.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {StorageTrie} from "../base/StorageTrie.sol";
import {Vm} from "../base/Vm.sol";
import {L1Fixture} from "../l1/L1Fixture.sol";

/// @notice Both layers in one EVM: L1 as it is deployed, L2's predeploys at their addresses behind proxies, and what
///         carries between them: deposits executed as the kernel does it, withdrawals proven to the Portal.
abstract contract TwoLayers is L1Fixture {
    /// @dev A deposit in the queue that L2 has not taken yet.
    struct QueuedDeposit {
        address from;
        address to;
        uint256 mint;
        uint256 value;
        uint64 gasLimit;
        bytes data;
    }

    bytes32 private constant L2_MESSENGER_SLOT = 0xb405140a2367403a00ba2b878185472445252a9dd45972edebded0ce73881800;
    bytes32 private constant L2_BRIDGE_SLOT = 0x784e51627d45565027c06b41bad20b5923345f2eecf1272e99f825d773e57300;

    L1CrossDomainMessenger internal l1Messenger;
    L1StandardBridge internal l1Bridge;
    L2CrossDomainMessenger internal constant l2Messenger = L2CrossDomainMessenger(Predeploys.L2_CROSS_DOMAIN_MESSENGER);
    L2StandardBridge internal constant l2Bridge = L2StandardBridge(Predeploys.L2_STANDARD_BRIDGE);
    L2ToL1MessagePasser internal constant passer = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));
    MetisETH internal constant metisEth = MetisETH(Predeploys.METIS_ETH);
    MintableERC20Factory internal constant factory = MintableERC20Factory(Predeploys.MINTABLE_ERC20_FACTORY);

    QueuedDeposit[] internal deposits;
    Withdrawal[] internal withdrawals;
    uint256 internal depositsTaken;
    uint256 internal withdrawalsPaid;

    bytes32 private lastOutput = GENESIS_OUTPUT;
    uint64 private nextBlock = 1;

    function setUp() public virtual override {
        l1Messenger = L1CrossDomainMessenger(address(new Proxy(ADMIN)));
        l1Bridge = L1StandardBridge(payable(address(new Proxy(ADMIN))));
        super.setUp();
        _install(
            address(l1Messenger),
            address(new L1CrossDomainMessenger()),
            abi.encodeCall(L1CrossDomainMessenger.initialize, (systemConfig))
        );
        _install(
            address(l1Bridge),
            address(new L1StandardBridge()),
            abi.encodeCall(L1StandardBridge.initialize, (systemConfig))
        );
        _predeploy(address(l2Messenger), address(new L2CrossDomainMessenger()));
        _predeploy(address(l2Bridge), address(new L2StandardBridge()));
        _predeploy(address(passer), address(new L2ToL1MessagePasser()));
        _predeploy(address(metisEth), address(new MetisETH()));
        _predeploy(address(factory), address(new MintableERC20Factory()));
        vm.store(address(l2Messenger), L2_MESSENGER_SLOT, bytes32(uint256(uint160(address(l1Messenger)))));
        vm.store(address(l2Bridge), L2_BRIDGE_SLOT, bytes32(uint256(uint160(address(l1Bridge)))));
        vm.recordLogs();
    }

    function _addresses() internal view override returns (L1Addresses memory addresses) {
        addresses = super._addresses();
        addresses.l1Messenger = address(l1Messenger);
        addresses.l1StandardBridge = address(l1Bridge);
    }

    function _predeploy(address predeploy, address implementation) private {
        vm.etch(predeploy, address(new Proxy(ADMIN)).code);
        _install(predeploy, implementation, "");
    }

    /// @notice METIS on L1 for an account.
    function _fund(address account, uint256 amount) internal {
        vm.prank(TREASURY);
        token.transfer(account, amount);
    }

    /// @notice METIS on L2 for an account, backed by the escrow.
    function _fundL2(address account, uint256 amount) internal {
        _fund(address(portal), amount);
        vm.deal(account, account.balance + amount);
    }

    /// @notice Collects what has been queued on either layer since the last call.
    function _collect() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics.length == 0 ? bytes32(0) : logs[i].topics[0];
            if (topic == IPortal.TransactionDeposited.selector && logs[i].emitter == address(portal)) {
                _queue(logs[i]);
            } else if (topic == L2ToL1MessagePasser.MessagePassed.selector && logs[i].emitter == address(passer)) {
                _pass(logs[i]);
            }
        }
    }

    function _queue(Vm.Log memory log) private {
        (uint256 mint, uint256 value, uint64 gasLimit,, bytes memory data,) =
            abi.decode(log.data, (uint256, uint256, uint64, bool, bytes, bytes32));
        deposits.push(
            QueuedDeposit({
                from: address(uint160(uint256(log.topics[2]))),
                to: address(uint160(uint256(log.topics[3]))),
                mint: mint,
                value: value,
                gasLimit: gasLimit,
                data: data
            })
        );
    }

    function _pass(Vm.Log memory log) private {
        (uint256 value, uint256 gasLimit, bytes memory data, bytes32 withdrawalHash) =
            abi.decode(log.data, (uint256, uint256, bytes, bytes32));
        Withdrawal memory withdrawal = Withdrawal({
            nonce: uint256(log.topics[1]),
            sender: address(uint160(uint256(log.topics[2]))),
            target: address(uint160(uint256(log.topics[3]))),
            value: value,
            gasLimit: gasLimit,
            data: data
        });
        assert(withdrawal.hash() == withdrawalHash);
        withdrawals.push(withdrawal);
    }

    /// @notice Takes the next deposit on L2: mint first, then the call with exactly its gas less what a transaction costs.
    function _takeDeposit() internal returns (bool success) {
        _collect();
        QueuedDeposit memory deposit = deposits[depositsTaken++];
        vm.deal(deposit.from, deposit.from.balance + deposit.mint);
        if (deposit.from.balance < deposit.value) return false;
        uint256 gas = deposit.gasLimit - _intrinsicGas(deposit.data);
        vm.prank(deposit.from, deposit.from);
        (success,) = deposit.to.call{value: deposit.value, gas: gas}(deposit.data);
    }

    /// @notice Settles an output that holds the next withdrawal, and has it paid.
    /// @return withdrawal the one that was paid
    function _payWithdrawal() internal returns (Withdrawal memory withdrawal) {
        _collect();
        withdrawal = withdrawals[withdrawalsPaid++];
        assert(passer.sentMessages(withdrawal.hash()));
        (bytes32 storageRoot, bytes[] memory proof) = StorageTrie.ofOne(withdrawal.hash());
        OutputRootProof memory output = OutputRootProof(0, keccak256("state"), storageRoot, keccak256("block"));
        uint64 batchIndex = _settle(output.hash());
        portal.finalizeWithdrawal(withdrawal, batchIndex, output, proof);
    }

    function _settle(bytes32 outputRoot) private returns (uint64 batchIndex) {
        L1Chain.mine(3, 1);
        batchIndex = _submitWithClaim(lastOutput, nextBlock, outputRoot);
        (lastOutput, nextBlock) = (outputRoot, nextBlock + 3);
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batchIndex);
    }

    /// @dev As Ethereum charges it before execution; the floor of EIP-7623 only raises the limit.
    function _intrinsicGas(bytes memory data) private pure returns (uint256 gas) {
        gas = 21_000;
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    function _aliasOfL1Messenger() internal view returns (address) {
        return AddressAliasing.alias_(address(l1Messenger));
    }
}
