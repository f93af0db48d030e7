internal import JSONC
internal import PacketModel

/// A text that a compilation came to.
struct CompiledFile: Sendable {
    /// The family, where it is for one.
    var family: AddressFamily?
    /// The name that the file has in a folder.
    var name: String
    /// The text.
    var text: String
}

extension AddressFamily {
    /// As it stands in file names: `v4` or `v6`.
    var suffix: String { self == .ip ? "v4" : "v6" }
}
