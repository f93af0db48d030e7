internal import ArgumentParser
internal import IPTablesBackend

/// A layout as an argument.
enum LayoutArgument: String, ExpressibleByArgument, CaseIterable {
    case dockerUser = "docker-user"
    case ownChain = "own-chain"

    /// The layout.
    var layout: IPTablesLayout { self == .dockerUser ? .dockerUser : .ownChain }
}
