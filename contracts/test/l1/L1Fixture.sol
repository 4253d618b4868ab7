// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ITransparentUpgradeableProxy} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {RewardParameters} from "../../src/interfaces/IEmissionReserve.sol";
import {HandoverParameters} from "../../src/interfaces/IEmergencyHandover.sol";
import {PosterParameters} from "../../src/interfaces/IPosterVault.sol";
import {DelegationParameters} from "../../src/interfaces/IDelegation.sol";
import {InitialSeat} from "../../src/interfaces/ILockingPool.sol";
import {L1Addresses, Parameters, StakingParameters} from "../../src/interfaces/ISystemConfig.sol";
import {BatchHead} from "../../src/interfaces/IBatchInbox.sol";
import {BatchInbox} from "../../src/l1/BatchInbox.sol";
import {Delegation} from "../../src/l1/Delegation.sol";
import {EmergencyHandover} from "../../src/l1/EmergencyHandover.sol";
import {EmissionReserve} from "../../src/l1/EmissionReserve.sol";
import {LockingInfo} from "../../src/l1/LockingInfo.sol";
import {LockingPool} from "../../src/l1/LockingPool.sol";
import {MetisToken} from "../../src/l1/MetisToken.sol";
import {Portal} from "../../src/l1/Portal.sol";
import {PosterVault} from "../../src/l1/PosterVault.sol";
import {SlashingManager} from "../../src/l1/SlashingManager.sol";
import {StateClaims} from "../../src/l1/StateClaims.sol";
import {SystemConfig} from "../../src/l1/SystemConfig.sol";
import {Proxy} from "../../src/proxy/Proxy.sol";
import {Certificate, SetMember} from "../../src/types/Certificate.sol";
import {ChainRules} from "../../src/types/ChainConfig.sol";
import {DataHeader, DataMode} from "../../src/types/DataHeader.sol";
import {StateClaim} from "../../src/types/StateClaim.sol";
import {L1Chain} from "../base/L1Chain.sol";
import {SeatKeys} from "../base/SeatKeys.sol";
import {Test} from "../base/Test.sol";

/// @notice A whole L1 side, wired as the deployer wires it, and a quorum that signs what a test asks of it.
abstract contract L1Fixture is Test {
    using RLP for *;

    uint256 internal constant L2_CHAIN_ID = 901_088;
    uint64 internal constant GENESIS_ANCHOR = 101;
    uint64 internal constant L1_DEPTH = 2;
    uint64 internal constant EPOCH_LENGTH = 60;
    uint64 internal constant MAX_BATCH_ANCHORS = 4096;
    uint64 internal constant DEPOSIT_GAS_LIMIT = 15_000_000;
    uint256 internal constant SUPPLY = 1_000_000_000 ether;
    /// @dev METIS wei that a test's unit of weight stands for.
    uint96 internal constant UNIT = 2000 ether;
    bytes32 internal constant L2_GENESIS_HASH = keccak256("L2 genesis");
    bytes32 internal constant GENESIS_OUTPUT = keccak256("genesis output");
    bytes internal constant PAYLOAD = "payload of a batch";

    address internal immutable ADMIN = makeAddress("proxy admin");
    address internal immutable OWNER = makeAddress("owner");
    address internal immutable GUARDIAN = makeAddress("guardian");
    address internal immutable TREASURY = makeAddress("treasury");
    address internal immutable COUNCIL = makeAddress("council");

    MetisToken internal token;
    SystemConfig internal systemConfig;
    Portal internal portal;
    LockingPool internal pool;
    LockingInfo internal escrow;
    SlashingManager internal slashing;
    Delegation internal delegation;
    EmissionReserve internal reserve;
    EmergencyHandover internal rescue;
    PosterVault internal posters;
    StateClaims internal stateClaims;
    BatchInbox internal inbox;

    /// @dev Seats in ascending order of address, and their keys.
    SetMember[] internal members;
    mapping(address signer => uint256) internal keyOf;

    function setUp() public virtual {
        _deploy(_weights(4, 25));
    }

    function _deploy(uint96[] memory weights) internal {
        vm.chainId(31_337);
        vm.roll(GENESIS_ANCHOR);
        vm.warp(1_700_000_000);
        vm.fee(1 gwei);
        L1Chain.installHistory();
        L1Chain.mine(3, 1);
        _makeMembers(weights);

        token = new MetisToken(TREASURY, SUPPLY);
        systemConfig = SystemConfig(address(new Proxy(ADMIN)));
        portal = Portal(address(new Proxy(ADMIN)));
        pool = LockingPool(address(new Proxy(ADMIN)));
        slashing = SlashingManager(address(new Proxy(ADMIN)));
        delegation = Delegation(address(new Proxy(ADMIN)));
        reserve = EmissionReserve(address(new Proxy(ADMIN)));
        rescue = EmergencyHandover(address(new Proxy(ADMIN)));
        posters = PosterVault(address(new Proxy(ADMIN)));
        escrow = new LockingInfo(token, address(pool), address(slashing));
        stateClaims = StateClaims(address(new Proxy(ADMIN)));
        inbox = BatchInbox(address(new Proxy(ADMIN)));

        _install(
            address(systemConfig),
            address(new SystemConfig(true)),
            abi.encodeCall(
                SystemConfig.initialize,
                (OWNER, GUARDIAN, _addresses(), _parameters(), _staking(), _chainConfig(_rules()))
            )
        );
        _install(address(portal), address(new Portal()), abi.encodeCall(Portal.initialize, (systemConfig)));
        _install(
            address(slashing),
            address(new SlashingManager()),
            abi.encodeCall(SlashingManager.initialize, (systemConfig, COUNCIL, address(0)))
        );
        _installPool();
        _install(
            address(delegation),
            address(new Delegation()),
            abi.encodeCall(Delegation.initialize, (systemConfig, _delegationParameters()))
        );
        _install(
            address(reserve),
            address(new EmissionReserve()),
            abi.encodeCall(EmissionReserve.initialize, (systemConfig, 12, _rewardParameters()))
        );
        _install(
            address(rescue),
            address(new EmergencyHandover()),
            abi.encodeCall(EmergencyHandover.initialize, (systemConfig, _handoverParameters()))
        );
        _install(
            address(posters),
            address(new PosterVault()),
            abi.encodeCall(PosterVault.initialize, (systemConfig, _posterParameters()))
        );
        _install(
            address(stateClaims), address(new StateClaims()), abi.encodeCall(StateClaims.initialize, (systemConfig))
        );
        _install(
            address(inbox),
            address(new BatchInbox()),
            abi.encodeCall(BatchInbox.initialize, (systemConfig, L2_GENESIS_HASH, GENESIS_OUTPUT))
        );
    }

    /// @dev Each seat's owner is named after its signer; the treasury pays.
    function _installPool() private {
        InitialSeat[] memory seats = new InitialSeat[](members.length);
        for (uint256 i = 0; i < members.length; ++i) {
            uint256 key = keyOf[members[i].signer];
            address owner = ownerOf(members[i].signer);
            seats[i] = InitialSeat({
                owner: owner,
                rewardRecipient: owner,
                amount: members[i].weight,
                signerPublicKey: SeatKeys.publicKey(key),
                proof: SeatKeys.proof(address(pool), owner, key)
            });
        }
        vm.prank(TREASURY);
        token.approve(address(escrow), type(uint256).max);
        bytes memory initialisation =
            abi.encodeCall(LockingPool.initialize, (systemConfig, TREASURY, seats, _permissionless()));
        _install(address(pool), address(new LockingPool()), initialisation);
    }

    /// @notice Owner of the seat that `signer` has from the start.
    function ownerOf(address signer) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("owner", signer)))));
    }

    function _permissionless() internal pure virtual returns (bool) {
        return false;
    }

    function _newProxy() internal returns (address) {
        return address(new Proxy(ADMIN));
    }

    function _install(address proxy, address implementation, bytes memory initialisation) internal {
        vm.prank(ADMIN);
        ITransparentUpgradeableProxy(proxy).upgradeToAndCall(implementation, initialisation);
    }

    function _addresses() internal view virtual returns (L1Addresses memory) {
        return L1Addresses({
            batchInbox: address(inbox),
            portal: address(portal),
            stateClaims: address(stateClaims),
            metisToken: address(token),
            l1Messenger: address(0x1111),
            l1StandardBridge: address(0x2222),
            lockingPool: address(pool),
            lockingInfo: address(escrow),
            slashingManager: address(slashing),
            delegation: address(delegation),
            emissionReserve: address(reserve),
            emergencyHandover: address(rescue),
            posterVault: address(posters)
        });
    }

    function _parameters() internal pure virtual returns (Parameters memory) {
        return Parameters({
            challengeWindow: 120,
            escapeDelay: 180,
            pinWindow: 30,
            pauseWindow: 120,
            meterMinimumBaseFee: 1 gwei,
            meterMaximumBaseFee: 1e18,
            meterElasticity: 10,
            meterDenominator: 8
        });
    }

    function _staking() internal pure virtual returns (StakingParameters memory) {
        return StakingParameters({
            minLock: 20_000 ether,
            maxLock: 100_000 ether,
            ejectionBelow: 18_000 ether,
            exitDelay: 600,
            traceWindow: 30,
            refuteWindow: 180,
            evidenceWindow: 60,
            slashEscrow: 60,
            jail: 60,
            maxSeats: 16,
            reporterShare: 2000
        });
    }

    function _handoverParameters() internal pure virtual returns (HandoverParameters memory) {
        return HandoverParameters({leakStart: 45, silenceLimit: 120, minSeats: 2});
    }

    function _rewardParameters() internal pure virtual returns (RewardParameters memory) {
        return RewardParameters({epochCap: 1000 ether, rate: 2000, proposerShare: 5000, feeProposerShare: 4000});
    }

    function _posterParameters() internal pure virtual returns (PosterParameters memory) {
        return PosterParameters({gasPriceCap: 100 gwei, tipCap: 2 gwei, blobPriceCap: 50 gwei});
    }

    function _delegationParameters() internal pure virtual returns (DelegationParameters memory) {
        return
            DelegationParameters({
                minDelegation: 1 ether, maxCommission: 5000, commissionStep: 500, commissionPeriod: 60
            });
    }

    function _rules() internal pure virtual returns (ChainRules memory) {
        return ChainRules({
            l1ChainId: 31_337,
            l2ChainId: uint64(L2_CHAIN_ID),
            genesisAnchorNumber: GENESIS_ANCHOR,
            genesisAnchorTime: 1_700_000_000,
            genesisAnchorHash: L1Chain.hashOf(GENESIS_ANCHOR),
            depositGasLimit: DEPOSIT_GAS_LIMIT,
            epochLength: uint32(EPOCH_LENGTH),
            maxAnchorStep: 32,
            maxBatchAnchors: uint32(MAX_BATCH_ANCHORS),
            l1Depth: uint32(L1_DEPTH),
            heartbeat: 10,
            maxBatchAge: 6,
            term: 10
        });
    }

    /// @dev RLP list of docs/spec/structs.md, "Chain config".
    function _chainConfig(ChainRules memory rules) internal pure returns (bytes memory) {
        RLP.Encoder memory list = RLP.encoder();
        list.push(uint256(1)).push(uint256(rules.l1ChainId)).push(uint256(rules.l2ChainId)).push(uint256(0));
        list.push(uint256(1)).push(uint256(rules.heartbeat)).push(uint256(rules.term)).push(uint256(30_000_000));
        list.push(uint256(rules.depositGasLimit)).push(uint256(262_144)).push(uint256(737_280));
        list.push(uint256(rules.maxBatchAge)).push(uint256(600)).push(uint256(rules.maxAnchorStep));
        list.push(uint256(rules.maxBatchAnchors)).push(uint256(rules.epochLength)).push(uint256(rules.l1Depth));
        list.push(uint256(rules.genesisAnchorNumber)).push(rules.genesisAnchorHash);
        list.push(uint256(rules.genesisAnchorTime)).push(uint256(100 ether)).push(uint256(5227));
        list.push(uint256(1_014_213)).push(RLP.encoder()).push(RLP.encoder());
        return list.encode();
    }

    function _weights(uint256 seats, uint96 weight) internal pure returns (uint96[] memory weights) {
        weights = new uint96[](seats);
        for (uint256 i = 0; i < seats; ++i) {
            weights[i] = weight;
        }
    }

    /// @param weights in UNITs, in the order of the signers' addresses
    function _makeMembers(uint96[] memory weights) private {
        delete members;
        address[] memory signers = new address[](weights.length);
        for (uint256 i = 0; i < weights.length; ++i) {
            uint256 key = uint256(keccak256(abi.encode("seat", i)));
            address signer = vm.addr(key);
            keyOf[signer] = key;
            uint256 j = i;
            for (; j > 0 && signer < signers[j - 1]; --j) {
                signers[j] = signers[j - 1];
            }
            signers[j] = signer;
        }
        for (uint256 i = 0; i < weights.length; ++i) {
            members.push(SetMember(signers[i], weights[i] * UNIT));
        }
    }

    /// @notice Header of the next batch in mode 0 with `PAYLOAD`, the anchor l1Depth below L1's head.
    function _nextHeader() internal view returns (DataHeader memory header) {
        return _nextHeader(uint64(block.number - L1_DEPTH), PAYLOAD);
    }

    function _nextHeader(uint64 anchorNumber, bytes memory payload) internal view returns (DataHeader memory header) {
        BatchHead memory head = inbox.head();
        header.version = 1;
        header.batchIndex = head.batchIndex + 1;
        header.parentHash = head.batchHash;
        header.generation = inbox.generation();
        header.epoch = (head.anchorNumber - GENESIS_ANCHOR) / EPOCH_LENGTH;
        header.lastTimestamp = uint64(block.timestamp);
        header.anchorNumber = anchorNumber;
        header.anchorHash = L1Chain.hashOf(anchorNumber);
        header.depositCount = portal.depositCountAt(anchorNumber);
        header.depositQueueHash = portal.queueHashAt(header.depositCount);
        header.dataMode = DataMode.CALLDATA;
        header.payloadHash = keccak256(payload);
        header.payloadSize = uint32(payload.length);
    }

    function _emptyClaim(DataHeader memory header) internal pure returns (StateClaim memory claim) {
        claim.batchHash = header.hash();
    }

    function _claim(DataHeader memory header, bytes32 prevOutputRoot, uint64 firstBlock, bytes32 outputRoot)
        internal
        pure
        returns (StateClaim memory claim)
    {
        claim.batchHash = header.hash();
        claim.prevOutputRoot = prevOutputRoot;
        claim.inputsRoot = keccak256("inputs");
        claim.outputsRoot = keccak256("outputs");
        claim.firstBlock = firstBlock;
        claim.lastBlock = firstBlock + 2;
        claim.lastBlockHash = keccak256("last block");
        claim.outputRoot = outputRoot;
    }

    /// @notice Certificate of the members in `bitmap` over `claim`.
    function _certify(StateClaim memory claim, uint256 bitmap) internal view returns (Certificate memory certificate) {
        bytes32 digest = _digest(claim);
        certificate.bitmap = bitmap;
        certificate.members = members;
        for (uint256 i = 0; i < members.length; ++i) {
            if ((bitmap >> i) & 1 == 1) {
                certificate.signatures = bytes.concat(certificate.signatures, _signature(members[i].signer, digest));
            }
        }
    }

    function _certify(StateClaim memory claim) internal view returns (Certificate memory) {
        return _certify(claim, (1 << members.length) - 1);
    }

    function _digest(StateClaim memory claim) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", inbox.domainSeparator(), claim.hash()));
    }

    function _signature(address signer, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
        return abi.encodePacked(r, s, v);
    }

    /// @notice Posts `header` in mode 0 with the empty claim of all members.
    function _submit(DataHeader memory header) internal {
        StateClaim memory claim = _emptyClaim(header);
        inbox.submitBatch(header, claim, _certify(claim), PAYLOAD);
    }

    /// @notice Posts the next batch with a claim on top of `prevOutputRoot`.
    function _submitWithClaim(bytes32 prevOutputRoot, uint64 firstBlock, bytes32 outputRoot)
        internal
        returns (uint64 batchIndex)
    {
        DataHeader memory header = _nextHeader();
        StateClaim memory claim = _claim(header, prevOutputRoot, firstBlock, outputRoot);
        inbox.submitBatch(header, claim, _certify(claim), PAYLOAD);
        return header.batchIndex;
    }

    /// @notice Batch 1 with `outputRoot`, settled.
    function _settleOutput(bytes32 outputRoot) internal returns (uint64 batchIndex) {
        batchIndex = _submitWithClaim(GENESIS_OUTPUT, 1, outputRoot);
        vm.warp(block.timestamp + _parameters().challengeWindow);
        stateClaims.settle(batchIndex);
    }
}
