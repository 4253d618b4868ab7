// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CrossDomainMessenger} from "../../src/bridge/CrossDomainMessenger.sol";
import {L1CrossDomainMessenger} from "../../src/bridge/L1CrossDomainMessenger.sol";
import {L1StandardBridge} from "../../src/bridge/L1StandardBridge.sol";
import {BatchInbox} from "../../src/l1/BatchInbox.sol";
import {DelegationState} from "../../src/l1/DelegationState.sol";
import {EmergencyHandoverState} from "../../src/l1/EmergencyHandoverState.sol";
import {EmissionReserve} from "../../src/l1/EmissionReserve.sol";
import {LockingPoolState} from "../../src/l1/LockingPoolState.sol";
import {Portal} from "../../src/l1/Portal.sol";
import {PosterVault} from "../../src/l1/PosterVault.sol";
import {SlashingEscrow} from "../../src/l1/SlashingEscrow.sol";
import {StateClaims} from "../../src/l1/StateClaims.sol";
import {SystemConfig} from "../../src/l1/SystemConfig.sol";
import {FeeVault} from "../../src/l2/FeeVault.sol";
import {GasPriceOracle} from "../../src/l2/GasPriceOracle.sol";
import {L1Block} from "../../src/l2/L1Block.sol";
import {L2CrossDomainMessenger} from "../../src/l2/L2CrossDomainMessenger.sol";
import {L2StandardBridge} from "../../src/l2/L2StandardBridge.sol";
import {L2ToL1MessagePasser} from "../../src/l2/L2ToL1MessagePasser.sol";
import {MetisSequencerSet} from "../../src/l2/MetisSequencerSet.sol";
import {MintableERC20Factory} from "../../src/l2/MintableERC20Factory.sol";

/// @notice Every storage namespace as a variable of its own, since compilers report no layout of ERC-7201 structs.
///         scripts/storage-layout.mjs reads it, and refuses a namespace that is missing here.
contract StorageLayouts {
    BatchInbox.BatchInboxStorage internal batchInbox;
    DelegationState.DelegationStorage internal delegation;
    EmergencyHandoverState.EmergencyHandoverStorage internal emergencyHandover;
    EmissionReserve.EmissionReserveStorage internal emissionReserve;
    LockingPoolState.LockingPoolStorage internal lockingPool;
    Portal.PortalStorage internal portal;
    SlashingEscrow.SlashingManagerStorage internal slashingManager;
    StateClaims.StateClaimsStorage internal stateClaims;
    SystemConfig.SystemConfigStorage internal systemConfig;
    CrossDomainMessenger.MessengerStorage internal messenger;
    L1CrossDomainMessenger.L1MessengerStorage internal l1Messenger;
    L1StandardBridge.L1BridgeStorage internal l1Bridge;
    FeeVault.FeeVaultStorage internal feeVault;
    PosterVault.PosterVaultStorage internal posterVault;
    GasPriceOracle.OracleStorage internal oracle;
    L2CrossDomainMessenger.L2MessengerStorage internal l2Messenger;
    L2StandardBridge.L2BridgeStorage internal l2Bridge;
    MetisSequencerSet.SequencerSetStorage internal sequencerSet;
    MintableERC20Factory.FactoryStorage internal factory;
}

/// @notice Contracts whose storage starts at slot 0, because others read it there.
contract L1BlockLayout is L1Block {}

contract L2ToL1MessagePasserLayout is L2ToL1MessagePasser {}
