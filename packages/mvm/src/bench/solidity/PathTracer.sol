// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Traces light paths through a room of spheres in fixed-point numbers: signed arithmetic, structs in memory, recursion,
/// and a scene that is read from storage at every step.
contract PathTracer {
    /// @dev One, in fixed-point numbers.
    int256 private constant ONE = 1e6;
    int256 private constant FAR = 1e30;
    /// @dev Below this a ray meets the surface that it starts from.
    int256 private constant NEAR = 100;
    uint256 private constant DEPTH = 5;

    struct Vector {
        int256 x;
        int256 y;
        int256 z;
    }

    struct Ray {
        Vector origin;
        /// @dev Of length one.
        Vector direction;
    }

    struct Sphere {
        int256 radius;
        Vector center;
        Vector light;
        Vector color;
        bool mirror;
    }

    Sphere[] private scene;
    uint256 private seed;

    /// @notice Builds the scene and traces `width` x `height` pixels with `samples` paths each; returns a hash of the picture.
    function trace(int256 width, int256 height, uint256 samples) external returns (bytes32 picture) {
        unchecked {
            build();
            for (int256 y; y < height; ++y) {
                for (int256 x; x < width; ++x) {
                    Vector memory sum;
                    for (uint256 i; i < samples; ++i) {
                        int256 u = ((2 * x + 1) * ONE) / width - ONE + int256(random() % 1000);
                        int256 v = ((2 * y + 1) * ONE) / height - ONE + int256(random() % 1000);
                        Ray memory ray = Ray(Vector(0, 0, -4 * ONE), unit(Vector(u / 2, v / 2, ONE)));
                        sum = plus(sum, radiance(ray, 0));
                    }
                    picture = keccak256(abi.encode(picture, sum.x, sum.y, sum.z));
                }
            }
        }
    }

    function build() private {
        seed = 0x853c49e6748fea9b;
        int256 wall = 1000 * ONE;
        Vector memory dark = Vector(0, 0, 0);
        Vector memory white = Vector(750_000, 750_000, 750_000);
        add(wall, Vector(-wall - 2 * ONE, 0, 0), dark, Vector(750_000, 250_000, 250_000), false);
        add(wall, Vector(wall + 2 * ONE, 0, 0), dark, Vector(250_000, 250_000, 750_000), false);
        add(wall, Vector(0, -wall - 2 * ONE, 0), dark, white, false);
        add(wall, Vector(0, wall + 2 * ONE, 0), dark, white, false);
        add(wall, Vector(0, 0, wall + 3 * ONE), dark, white, false);
        add(ONE, Vector(-ONE, -ONE, ONE), dark, Vector(990_000, 990_000, 990_000), true);
        add(700_000, Vector(ONE, -1_300_000, 0), dark, Vector(250_000, 750_000, 250_000), false);
        add(600_000, Vector(0, 2_300_000, 0), Vector(12 * ONE, 12 * ONE, 12 * ONE), dark, false);
    }

    function add(int256 radius, Vector memory center, Vector memory light, Vector memory color, bool mirror) private {
        scene.push(Sphere(radius, center, light, color, mirror));
    }

    /// @dev Light that comes back along `ray`.
    function radiance(Ray memory ray, uint256 depth) private returns (Vector memory) {
        unchecked {
            (int256 distance, uint256 id) = nearest(ray);
            if (distance == FAR) return Vector(0, 0, 0);
            Sphere memory sphere = scene[id];
            if (depth == DEPTH) return sphere.light;
            Vector memory bounced = radiance(bounce(ray, distance, sphere), depth + 1);
            return plus(sphere.light, product(sphere.color, bounced));
        }
    }

    /// @dev The ray that leaves `sphere` where `ray` meets it.
    function bounce(Ray memory ray, int256 distance, Sphere memory sphere) private returns (Ray memory) {
        unchecked {
            Vector memory point = plus(ray.origin, scale(ray.direction, distance));
            Vector memory normal = unit(minus(point, sphere.center));
            int256 along = dot(normal, ray.direction);
            if (sphere.mirror) return Ray(point, unit(minus(ray.direction, scale(normal, 2 * along))));
            return Ray(point, scattered(along > 0 ? scale(normal, -ONE) : normal));
        }
    }

    /// @dev Distance to the first sphere that `ray` meets, and which one.
    function nearest(Ray memory ray) private view returns (int256 distance, uint256 id) {
        unchecked {
            distance = FAR;
            uint256 count = scene.length;
            for (uint256 i; i < count; ++i) {
                int256 met = meets(scene[i], ray);
                if (met > NEAR && met < distance) (distance, id) = (met, i);
            }
        }
    }

    function meets(Sphere storage sphere, Ray memory ray) private view returns (int256) {
        unchecked {
            Vector memory offset = minus(sphere.center, ray.origin);
            int256 half = dot(offset, ray.direction);
            int256 square = (half * half) / ONE - dot(offset, offset) + (sphere.radius * sphere.radius) / ONE;
            if (square < 0) return FAR;
            int256 root = sqrt(square * ONE);
            if (half - root > NEAR) return half - root;
            return half + root > NEAR ? half + root : FAR;
        }
    }

    /// @dev A direction on the side of `normal`, taken at random.
    function scattered(Vector memory normal) private returns (Vector memory) {
        unchecked {
            int256 angle = int256(random() % 6_283_185);
            int256 height = int256(random() % 1_000_000);
            int256 out = sqrt(ONE * ONE - height * height);
            Vector memory side = unit(cross(abs(normal.x) > 100_000 ? Vector(0, ONE, 0) : Vector(ONE, 0, 0), normal));
            Vector memory other = cross(normal, side);
            Vector memory flat = plus(scale(side, (cosine(angle) * out) / ONE), scale(other, (sine(angle) * out) / ONE));
            return unit(plus(flat, scale(normal, height)));
        }
    }

    function random() private returns (uint256) {
        unchecked {
            seed = (seed * 6364136223846793005 + 1442695040888963407) & type(uint64).max;
            return seed >> 33;
        }
    }

    /// @dev Taylor series around zero after reduction to half a turn; `x` in thousandths of thousandths of a radian.
    function sine(int256 x) private pure returns (int256 sum) {
        unchecked {
            if (x > 3_141_592) x -= 6_283_185;
            int256 term = x;
            sum = x;
            for (int256 n = 1; term != 0; ++n) {
                term = (-term * ((x * x) / ONE)) / (2 * n * (2 * n + 1)) / ONE;
                sum += term;
            }
        }
    }

    function cosine(int256 x) private pure returns (int256) {
        unchecked {
            return sine((x + 1_570_796) % 6_283_185);
        }
    }

    function sqrt(int256 x) private pure returns (int256 root) {
        unchecked {
            if (x <= 0) return 0;
            root = x;
            int256 next = (x + 1) / 2;
            while (next < root) (root, next) = (next, (x / next + next) / 2);
        }
    }

    function abs(int256 x) private pure returns (int256) {
        return x < 0 ? -x : x;
    }

    function plus(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        unchecked {
            return Vector(a.x + b.x, a.y + b.y, a.z + b.z);
        }
    }

    function minus(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        unchecked {
            return Vector(a.x - b.x, a.y - b.y, a.z - b.z);
        }
    }

    function scale(Vector memory a, int256 by) private pure returns (Vector memory) {
        unchecked {
            return Vector((a.x * by) / ONE, (a.y * by) / ONE, (a.z * by) / ONE);
        }
    }

    function product(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        unchecked {
            return Vector((a.x * b.x) / ONE, (a.y * b.y) / ONE, (a.z * b.z) / ONE);
        }
    }

    function dot(Vector memory a, Vector memory b) private pure returns (int256) {
        unchecked {
            return (a.x * b.x + a.y * b.y + a.z * b.z) / ONE;
        }
    }

    function cross(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        unchecked {
            return Vector(
                (a.y * b.z - a.z * b.y) / ONE, (a.z * b.x - a.x * b.z) / ONE, (a.x * b.y - a.y * b.x) / ONE
            );
        }
    }

    function unit(Vector memory a) private pure returns (Vector memory) {
        unchecked {
            int256 length = sqrt(a.x * a.x + a.y * a.y + a.z * a.z);
            return Vector((a.x * ONE) / length, (a.y * ONE) / length, (a.z * ONE) / length);
        }
    }
}
