// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EpochRefunds, IPosterVault, PosterParameters} from "../interfaces/IPosterVault.sol";
import {ISystemConfig, L1Addresses} from "../interfaces/ISystemConfig.sol";
import {PostingCost} from "../libraries/PostingCost.sol";
import {Certificate} from "../types/Certificate.sol";
import {DataHeader, DataMode} from "../types/DataHeader.sol";
import {StateClaim} from "../types/StateClaim.sol";

/// @title PosterVault
/// @notice Holds L2's data fees, in METIS, and pays back to whoever posts batches what that costs, in ETH, at the rate
///         that L2's state had in their epoch. Anyone may send it METIS, which leaves as refunds alone.
/// @dev Invariants: what is granted is held; an epoch is settled once, its posters are paid at most what was granted
///      for it, each their part, once. BatchInbox takes a batch once, so none is recorded twice; it stands beside this
///      contract and needs nothing of it.
contract PosterVault is IPosterVault, Initializable {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:metis.storage.PosterVault
    struct PosterVaultStorage {
        ISystemConfig systemConfig;
        address batchInbox;
        address emissionReserve;
        IERC20 token;
        PosterParameters parameters;
        /// METIS wei: of all epochs, less what has been withdrawn
        uint256 granted;
        mapping(uint64 epoch => EpochRefunds) epochs;
        /// wei of ETH
        mapping(uint64 epoch => mapping(address poster => uint256)) owed;
    }

    // keccak256(abi.encode(uint256(keccak256("metis.storage.PosterVault")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x42fbe73bdb5ad1d0799c7d0b59ac1ff8462f3e608ebc7db5401d87e2f7c29200;

    /// @notice Least gas of the record itself: two slots that hold something already, an event, what the call to here cost.
    uint256 public constant RECORD_GAS = 15_000;

    uint256 private constant ETHER = 1e18;

    constructor() {
        _disableInitializers();
    }

    /// @param systemConfig must be initialised before
    function initialize(ISystemConfig systemConfig, PosterParameters calldata parameters_) external initializer {
        L1Addresses memory addresses = systemConfig.addresses();
        PosterVaultStorage storage $ = _storage();
        $.systemConfig = systemConfig;
        $.batchInbox = addresses.batchInbox;
        $.emissionReserve = addresses.emissionReserve;
        $.token = IERC20(addresses.metisToken);
        _setParameters(parameters_);
    }

    /// @inheritdoc IPosterVault
    function submitBatch(
        DataHeader calldata header,
        StateClaim calldata,
        Certificate calldata certificate,
        bytes calldata data
    ) external {
        uint256 gasBefore = gasleft();
        // A contract could post from memory, and more than one batch in a transaction.
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert NotAPlainAccount(msg.sender);
        _forward();
        uint256 length = PostingCost.canonicalLength(certificate, data);
        _record(header, PostingCost.gasUsed(gasBefore, RECORD_GAS, length));
    }

    /// @inheritdoc IPosterVault
    function settle(uint64 epoch, uint256 rate) external {
        PosterVaultStorage storage $ = _storage();
        if (msg.sender != $.emissionReserve) revert NotEmissionReserve(msg.sender);
        EpochRefunds storage refunds = $.epochs[epoch];
        if (refunds.settled) revert EpochSettled(epoch);
        refunds.settled = true;
        uint256 owed = refunds.owed;
        uint256 amount = Math.min(Math.mulDiv(owed, rate, ETHER), $.token.balanceOf(address(this)) - $.granted);
        refunds.granted = SafeCast.toUint128(amount);
        $.granted += amount;
        emit EpochRefundsSettled(epoch, owed, rate, amount);
    }

    /// @inheritdoc IPosterVault
    function withdraw(uint64[] calldata epochs, address to) external returns (uint256 amount) {
        PosterVaultStorage storage $ = _storage();
        for (uint256 i = 0; i < epochs.length; ++i) {
            uint256 refund = _refundOf(epochs[i], msg.sender);
            if (refund == 0) continue;
            delete $.owed[epochs[i]][msg.sender];
            amount += refund;
        }
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        $.granted -= amount;
        emit RefundsWithdrawn(msg.sender, to, amount);
        $.token.safeTransfer(to, amount);
    }

    /// @inheritdoc IPosterVault
    function setParameters(PosterParameters calldata parameters_) external {
        if (msg.sender != Ownable(address(_storage().systemConfig)).owner()) revert NotSystemOwner(msg.sender);
        _setParameters(parameters_);
    }

    /// @inheritdoc IPosterVault
    function parameters() external view returns (PosterParameters memory) {
        return _storage().parameters;
    }

    /// @inheritdoc IPosterVault
    function epochRefunds(uint64 epoch) external view returns (EpochRefunds memory) {
        return _storage().epochs[epoch];
    }

    /// @inheritdoc IPosterVault
    function owedTo(uint64 epoch, address poster) external view returns (uint256) {
        return _storage().owed[epoch][poster];
    }

    /// @inheritdoc IPosterVault
    function refundsOf(address poster, uint64[] calldata epochs) external view returns (uint256[] memory amounts) {
        amounts = new uint256[](epochs.length);
        for (uint256 i = 0; i < epochs.length; ++i) {
            amounts[i] = _refundOf(epochs[i], poster);
        }
    }

    /// @inheritdoc IPosterVault
    function granted() external view returns (uint256) {
        return _storage().granted;
    }

    /// @dev The call as it came: BatchInbox has the same function. Its refusals pass.
    function _forward() private {
        (bool taken, bytes memory reason) = _storage().batchInbox.call(msg.data);
        if (taken) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    /// @dev A batch of a settled epoch does not come: the report was in a block two epochs on, and anchors never fall. If
    ///      one did, its poster would take from the others.
    function _record(DataHeader calldata header, uint256 gas) private {
        PosterVaultStorage storage $ = _storage();
        uint64 epoch = header.epoch;
        EpochRefunds storage refunds = $.epochs[epoch];
        if (refunds.settled) return;
        uint256 cost = PostingCost.price(gas, header.dataMode == DataMode.BLOBS, $.parameters);
        refunds.owed += SafeCast.toUint120(cost);
        $.owed[epoch][msg.sender] += cost;
        emit PostingRecorded(epoch, msg.sender, header.batchIndex, gas, cost);
    }

    /// @dev Rounded down: together the posters of an epoch get at most what was granted for it.
    function _refundOf(uint64 epoch, address poster) private view returns (uint256) {
        PosterVaultStorage storage $ = _storage();
        uint256 owed = $.owed[epoch][poster];
        if (owed == 0) return 0;
        EpochRefunds storage refunds = $.epochs[epoch];
        return Math.mulDiv(refunds.granted, owed, refunds.owed);
    }

    function _setParameters(PosterParameters calldata given) private {
        _bound("gasPriceCap", given.gasPriceCap, 1 gwei, 1_000 gwei);
        _bound("tipCap", given.tipCap, 0, 10 gwei);
        _bound("blobPriceCap", given.blobPriceCap, 1, 1_000 gwei);
        _storage().parameters = given;
        emit ParametersChanged(given);
    }

    function _bound(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert OutOfBounds(name, value, minimum, maximum);
    }

    function _storage() private pure returns (PosterVaultStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
