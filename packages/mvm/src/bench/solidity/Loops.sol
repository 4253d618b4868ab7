// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a processor does without storage: each function runs `n` rounds and returns a value that all of them made.
contract Loops {
    /// @notice Multiplications, additions, shifts and comparisons of whole words.
    function arithmetic(uint256 n) external pure returns (uint256 x) {
        unchecked {
            x = 0x9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e95;
            uint256 sum;
            for (uint256 i; i < n; ++i) {
                x = x * 0x5851f42d4c957f2d14057b7ef767814f2545f4914f6cdd1d + i;
                x ^= x >> 33;
                sum += x < sum ? x & 0xffff : x | 1;
                x ^= sum << 7;
            }
            x ^= sum;
        }
    }

    /// @notice Hashes of two words, each of the one before it.
    function hash(uint256 n) external pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, n) { i := add(i, 1) } {
                mstore(0x00, digest)
                mstore(0x20, i)
                digest := keccak256(0x00, 0x40)
            }
        }
    }

    /// @notice Quicksort of `n` made-up words, with Solidity's checks of bounds and overflows.
    function sort(uint256 n) external pure returns (uint256 middle) {
        uint256[] memory words = new uint256[](n);
        uint256 x = 0x243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89;
        for (uint256 i; i < n; ++i) {
            unchecked {
                x = x * 0x5851f42d4c957f2d14057b7ef767814f + 1;
            }
            words[i] = x ^ (x >> 128);
        }
        sortRange(words, 0, n);
        for (uint256 i = 1; i < n; ++i) require(words[i - 1] <= words[i], "not sorted");
        middle = words[n / 2];
    }

    function sortRange(uint256[] memory words, uint256 from, uint256 to) private pure {
        if (to - from < 2) return;
        uint256 pivot = words[from + (to - from) / 2];
        uint256 low = from;
        uint256 high = to - 1;
        while (true) {
            while (words[low] < pivot) ++low;
            while (words[high] > pivot) --high;
            if (low >= high) break;
            (words[low], words[high]) = (words[high], words[low]);
            ++low;
            --high;
        }
        sortRange(words, from, low);
        sortRange(words, low, to);
    }

    /// @notice Divisions and modular products of whole words.
    function divide(uint256 n) external pure returns (uint256 x) {
        unchecked {
            uint256 prime = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000001;
            x = 0x6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1;
            for (uint256 i = 1; i <= n; ++i) {
                uint256 y = mulmod(x, x + i, prime);
                y = addmod(y, x, prime - i);
                y += type(uint256).max / (y | 1) + x % (i | 0xffffffffffffffffffff);
                x = uint256(int256(y) / int256(i)) + y;
            }
        }
    }
}
