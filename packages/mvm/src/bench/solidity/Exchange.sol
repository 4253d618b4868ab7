// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A plain ERC-20 token; its first holder is who made it.
contract Token {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    error InsufficientBalance();

    uint256 public immutable totalSupply;
    mapping(address owner => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    constructor(uint256 supply) {
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        move(from, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) private {
        uint256 held = balanceOf[from];
        if (held < value) revert InsufficientBalance();
        unchecked {
            balanceOf[from] = held - value;
            balanceOf[to] += value;
        }
        emit Transfer(from, to, value);
    }
}

/// @notice Two tokens whose product of reserves never falls, with a fee of three thousandths and prices summed over time: what a
/// swap on a constant-product exchange does, step by step.
contract Pair {
    event Sync(uint112 reserve0, uint112 reserve1);
    event Swap(
        address indexed sender, uint256 paid0, uint256 paid1, uint256 taken0, uint256 taken1, address indexed to
    );

    error Initialized();
    error Locked();
    error NothingTaken();
    error TooMuchTaken();
    error TokenRefused();
    error ProductFell();
    error Overflow();

    Token public token0;
    Token public token1;
    uint112 private reserve0;
    uint112 private reserve1;
    uint32 private updated;
    uint256 public price0Sum;
    uint256 public price1Sum;
    uint256 private lock = 1;

    /// @notice Sets the tokens, once: the constructor takes nothing, so that every pair has the same creation code.
    function initialize(Token first, Token second) external {
        if (address(token0) != address(0)) revert Initialized();
        (token0, token1) = (first, second);
    }

    modifier locked() {
        if (lock != 1) revert Locked();
        lock = 2;
        _;
        lock = 1;
    }

    function reserves() external view returns (uint112, uint112, uint32) {
        return (reserve0, reserve1, updated);
    }

    /// @notice Takes what was sent here as reserves.
    function sync() external locked {
        store(token0.balanceOf(address(this)), token1.balanceOf(address(this)), reserve0, reserve1);
    }

    /// @notice Sends `taken0` and `taken1` to `to`, for tokens that were sent here before.
    function swap(uint256 taken0, uint256 taken1, address to) external locked {
        if (taken0 == 0 && taken1 == 0) revert NothingTaken();
        (uint112 before0, uint112 before1) = (reserve0, reserve1);
        if (taken0 >= before0 || taken1 >= before1) revert TooMuchTaken();
        (uint256 balance0, uint256 balance1) = send(taken0, taken1, to);
        uint256 paid0 = balance0 > before0 - taken0 ? balance0 - (before0 - taken0) : 0;
        uint256 paid1 = balance1 > before1 - taken1 ? balance1 - (before1 - taken1) : 0;
        uint256 product = (balance0 * 1000 - paid0 * 3) * (balance1 * 1000 - paid1 * 3);
        if (product < uint256(before0) * before1 * 1_000_000) revert ProductFell();
        store(balance0, balance1, before0, before1);
        emit Swap(msg.sender, paid0, paid1, taken0, taken1, to);
    }

    /// @dev Returns what is left of both tokens.
    function send(uint256 taken0, uint256 taken1, address to) private returns (uint256, uint256) {
        (Token first, Token second) = (token0, token1);
        if (taken0 > 0) send(first, to, taken0);
        if (taken1 > 0) send(second, to, taken1);
        return (first.balanceOf(address(this)), second.balanceOf(address(this)));
    }

    function send(Token token, address to, uint256 value) private {
        (bool done, bytes memory answer) = address(token).call(abi.encodeCall(Token.transfer, (to, value)));
        if (!done || (answer.length > 0 && !abi.decode(answer, (bool)))) revert TokenRefused();
    }

    function store(uint256 balance0, uint256 balance1, uint112 before0, uint112 before1) private {
        if (balance0 > type(uint112).max || balance1 > type(uint112).max) revert Overflow();
        uint32 time = uint32(block.timestamp);
        unchecked {
            uint32 passed = time - updated;
            if (passed > 0 && before0 > 0 && before1 > 0) {
                price0Sum += ((uint256(before1) << 112) / before0) * passed;
                price1Sum += ((uint256(before0) << 112) / before1) * passed;
            }
        }
        (reserve0, reserve1, updated) = (uint112(balance0), uint112(balance1), time);
        emit Sync(uint112(balance0), uint112(balance1));
    }
}

/// @notice Finds the pairs of a path, computes what they give, and swaps along it.
contract Router {
    error Late();
    error TooLittle();
    error TokenRefused();

    bytes32 private immutable pairCodeHash;

    constructor() {
        pairCodeHash = keccak256(type(Pair).creationCode);
    }

    /// @notice Makes the pair of two tokens, the lower address first.
    function create(Token token0, Token token1) external returns (Pair pair) {
        pair = new Pair{salt: keccak256(abi.encodePacked(token0, token1))}();
        pair.initialize(token0, token1);
    }

    function swap(uint256 paid, uint256 least, address[] calldata path, address to, uint256 deadline)
        external
        returns (uint256[] memory amounts)
    {
        if (block.timestamp > deadline) revert Late();
        amounts = new uint256[](path.length);
        amounts[0] = paid;
        for (uint256 i; i + 1 < path.length; ++i) amounts[i + 1] = given(amounts[i], path[i], path[i + 1]);
        if (amounts[amounts.length - 1] < least) revert TooLittle();
        collect(Token(path[0]), address(pairOf(path[0], path[1])), paid);
        for (uint256 i; i + 1 < path.length; ++i) {
            address next = i + 2 < path.length ? address(pairOf(path[i + 1], path[i + 2])) : to;
            (uint256 taken0, uint256 taken1) =
                path[i] < path[i + 1] ? (uint256(0), amounts[i + 1]) : (amounts[i + 1], uint256(0));
            pairOf(path[i], path[i + 1]).swap(taken0, taken1, next);
        }
    }

    function given(uint256 paid, address from, address into) private view returns (uint256) {
        (uint112 reserve0, uint112 reserve1,) = pairOf(from, into).reserves();
        (uint256 reserveIn, uint256 reserveOut) = from < into ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 afterFee = paid * 997;
        return (afterFee * reserveOut) / (reserveIn * 1000 + afterFee);
    }

    function collect(Token token, address pair, uint256 paid) private {
        (bool done, bytes memory answer) =
            address(token).call(abi.encodeCall(Token.transferFrom, (msg.sender, pair, paid)));
        if (!done || (answer.length > 0 && !abi.decode(answer, (bool)))) revert TokenRefused();
    }

    function pairOf(address a, address b) private view returns (Pair) {
        bytes32 salt = keccak256(a < b ? abi.encodePacked(a, b) : abi.encodePacked(b, a));
        bytes32 place = keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, pairCodeHash));
        return Pair(address(uint160(uint256(place))));
    }
}
