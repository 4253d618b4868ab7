// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {CrossDomainMessenger} from "../../src/bridge/CrossDomainMessenger.sol";
import {StandardBridge} from "../../src/bridge/StandardBridge.sol";

/// @notice Remembers how it was called; refuses as long as it is told to.
contract Recorder {
    error Refused();

    CrossDomainMessenger private immutable MESSENGER;
    bool public refusing;
    uint256 public calls;
    uint256 public value;
    uint256 public gas;
    address public sender;
    bytes public data;

    constructor(CrossDomainMessenger messenger) {
        MESSENGER = messenger;
    }

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    fallback() external payable {
        uint256 left = gasleft();
        if (refusing) revert Refused();
        calls += 1;
        value += msg.value;
        gas = left;
        sender = MESSENGER.xDomainMessageSender();
        data = msg.data;
    }
}

/// @notice Measures the gas it is called with and uses none to speak of.
contract GasProbe {
    uint256 public transient seen;
    uint256 public lowest = type(uint256).max;

    fallback() external payable {
        seen = gasleft();
        if (seen < lowest) lowest = seen;
    }
}

/// @notice Answers with more than anyone wants to pay for.
contract Shouter {
    fallback() external payable {
        assembly {
            revert(0, 200000)
        }
    }
}

/// @notice Relays another message while it is being called.
contract Reenterer {
    CrossDomainMessenger private immutable MESSENGER;
    bytes private other;
    bool public nested;

    constructor(CrossDomainMessenger messenger) {
        MESSENGER = messenger;
    }

    function setOther(bytes calldata other_) external {
        other = other_;
    }

    fallback() external payable {
        (nested,) = address(MESSENGER).call(other);
    }
}

/// @notice An ERC-20 that burns a hundredth of every transfer.
contract FeeToken is ERC20 {
    constructor(address holder) ERC20("Fee", "FEE") {
        _mint(holder, 1_000_000 ether);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, value);
        uint256 fee = value / 100;
        super._update(from, address(0), fee);
        super._update(from, to, value - fee);
    }
}

/// @notice A plain ERC-20.
contract PlainToken is ERC20 {
    constructor(address holder) ERC20("Plain", "PLN") {
        _mint(holder, 1_000_000 ether);
    }
}

/// @notice An ERC-20 that calls the bridge again from within a transfer.
contract HookToken is ERC20 {
    StandardBridge private immutable BRIDGE;
    bool public entered;

    constructor(address holder, StandardBridge bridge) ERC20("Hook", "HOOK") {
        BRIDGE = bridge;
        _mint(holder, 1_000_000 ether);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (!entered) {
            entered = true;
            BRIDGE.bridgeERC20To(address(this), address(1), from, amount, 0, "");
        }
        return super.transferFrom(from, to, amount);
    }
}

/// @notice Says that it stands for a token of L1 and that the bridge mints it; anyone gets what they ask for.
contract FakeMintable {
    address public immutable remoteToken;
    address public immutable bridge;

    constructor(address bridge_, address remoteToken_) {
        (bridge, remoteToken) = (bridge_, remoteToken_);
    }

    function mint(address, uint256) external {}

    function burn(address, uint256) external {}
}
