import Glibc
import PacketLab
import Testing

/// The lab itself, with rules that are written by hand.
@Suite(.serialized, .needsRoot) enum PacketLabTests {}

extension Trait where Self == ConditionTrait {
    /// Root, which namespaces need; in CI the tests run without it all the same, and fail.
    static var needsRoot: Self {
        .enabled(
            if: Lab.isPossible || getenv("CI").map { String(cString: $0) } == "true", "network namespaces need root")
    }
}

/// Runs something in a lab of its own.
func withLab(_ body: (Lab) throws -> Void) throws {
    let lab = try Lab()
    defer { lab.close() }
    try body(lab)
}
