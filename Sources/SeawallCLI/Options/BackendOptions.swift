internal import ArgumentParser
internal import NFTablesBackend
internal import PacketModel

/// The two backends.
enum Backend: String, ExpressibleByArgument, CaseIterable {
    /// Rules in `DOCKER-USER`.
    case iptables
    /// A table of our own.
    case nft
}

/// A family as an argument: `ip` or `ip6`.
enum FamilyArgument: String, ExpressibleByArgument, CaseIterable {
    case ip, ip6

    /// The family.
    var family: AddressFamily { self == .ip ? .ip : .ip6 }
}

/// A mark as an argument: `VALUE/MASK` or `VALUE`, decimal or with `0x`.
struct MarkArgument: ExpressibleByArgument {
    /// The mark.
    let mark: AcceptMark

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Self.number($0) }
        guard numbers.count == parts.count, (1...2).contains(numbers.count) else { return nil }
        guard let mark = AcceptMark(value: numbers[0], mask: numbers.count == 2 ? numbers[1] : .max) else { return nil }
        self.mark = mark
    }

    private static func number(_ text: Substring) -> UInt32? {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
    }
}

/// What both backends, or one of them, can be told.
struct BackendOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "One family only: ip or ip6; of rules of iptables that are read, the one that they are for.",
            valueName: "family"))
    var family: FamilyArgument?

    @OptionGroup var mark: AcceptMarkOptions

    /// The mark that Docker accepts.
    var acceptMark: AcceptMark? { mark.acceptMark?.mark }

    /// The families that iptables documents are made for.
    var families: [AddressFamily] { family.map { [$0.family] } ?? AddressFamily.allCases }
}
