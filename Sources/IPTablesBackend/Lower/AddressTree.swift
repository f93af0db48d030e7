internal import FirewallIR
internal import PacketModel

/// A range of addresses of one side of a packet.
struct AddressSpan: Hashable {
    var side: IPTablesSets.Side
    var range: IPAddressRange

    /// The addresses from this one's first to the other's last.
    func through(_ other: AddressSpan) -> AddressSpan {
        switch (range, other.range) {
        case (.v4(let a), .v4(let b)): AddressSpan(side: side, range: .v4(a.lowerBound...b.upperBound))
        case (.v6(let a), .v6(let b)): AddressSpan(side: side, range: .v6(a.lowerBound...b.upperBound))
        default: self
        }
    }

    /// What asks for it.
    var alternative: IPTablesAlternative {
        if let network = range.prefix {
            let match = Negatable(IPMaskedAddress(network))
            return side == .source
                ? IPTablesAlternative(.source, .source(match))
                : IPTablesAlternative(.destination, .destination(match))
        }
        let match = Negatable(range)
        return IPTablesAlternative(
            .addressRange,
            .addressRange(
                source: side == .source ? match : nil, destination: side == .destination ? match : nil))
    }
}

/// A long list of addresses as a tree of ranges, each of which leads into a chain: a packet is asked about a few dozen lines
/// and not about all.
///
/// The ranges of a list are ascending and have nothing in common, so a packet goes into one chain of each level at most, and
/// comes back behind the jump if it is in none of the ranges there. That is sound only where coming back is right: not for
/// verdicts that are RETURN.
enum AddressTree {
    /// Up to so many addresses stand in one chain: fewer would be more chains, whose number makes iptables-nft slow to load.
    static let most = 64
    /// Up to so many chains stand beside each other.
    static let fanout = 16
    /// Below so many lines a list is written out.
    static let least = 128

    /// Whether lines are a list that is worth a tree.
    static func isWorthwhile(_ lines: [IPTablesAlternative]) -> Bool {
        lines.count >= least && lines.allSatisfy { $0.span != nil }
    }

    /// The lines in parts, one behind the other, as even as possible; `nil` if they stand in one chain.
    static func parts(_ lines: ArraySlice<IPTablesAlternative>) -> [ArraySlice<IPTablesAlternative>]? {
        guard lines.count > most else { return nil }
        let count = min(fanout, (lines.count + most - 1) / most)
        return (0..<count).map { index in
            let low = lines.startIndex + lines.count * index / count
            let high = lines.startIndex + lines.count * (index + 1) / count
            return lines[low..<high]
        }
    }

    /// What asks for the addresses from the first of some lines to the last.
    static func hull(_ lines: ArraySlice<IPTablesAlternative>) -> IPTablesAlternative {
        guard let first = lines.first?.span, let last = lines.last?.span else { return .none }
        return first.through(last).alternative
    }
}
