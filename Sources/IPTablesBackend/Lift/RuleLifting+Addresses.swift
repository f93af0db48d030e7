internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match on addresses or interfaces.
    mutating func addAddress(_ match: IPTablesMatch) throws(LiftRefusal) {
        switch match {
        case .source(let test): try addMasked(test, "-s") { $0.source.narrow(to: $1) }
        case .destination(let test): try addMasked(test, "-d") { $0.destination.narrow(to: $1) }
        case .addressRange(let source, let destination):
            if let set = try source?.addresses(in: family) { try narrow { $0.source.narrow(to: set) } }
            if let set = try destination?.addresses(in: family) { try narrow { $0.destination.narrow(to: set) } }
        case .inInterface(let test):
            guard let set = test.interfaces else { return }
            try narrow { box throws(LiftRefusal) in try box.inInterface.narrow(to: set) }
        case .outInterface(let test):
            guard let set = test.interfaces else { return }
            try narrow { box throws(LiftRefusal) in try box.outInterface.narrow(to: set) }
        default: break
        }
    }

    /// A mask with too many gaps stays as it is written.
    private mutating func addMasked(
        _ test: Negatable<IPMaskedAddress>, _ option: String, _ change: (inout Box, IPAddressSet) -> Void
    ) throws(LiftRefusal) {
        if let set = try test.addresses(in: family) {
            try narrow { change(&$0, set) }
        } else {
            let match = OpaqueMatch.module(name: option, options: ["\(test.value.address)/\(test.value.mask)"])
            addOpaque(test.isNegated ? .not(match) : match)
        }
    }
}

extension Negatable<InterfacePattern> {
    /// The interfaces that pass; `nil` if all do: `+` alone is any, also the one that is not there.
    fileprivate var interfaces: InterfaceSet? {
        guard value == .prefix("") else { return InterfaceSet([value], isNegated: isNegated) }
        return isNegated ? InterfaceSet([]) : nil
    }
}

extension Negatable<IPMaskedAddress> {
    /// The addresses of a family that pass; `nil` if these are more than 65,536 ranges.
    func addresses(in family: AddressFamily) throws(LiftRefusal) -> IPAddressSet? {
        switch (value.address, value.mask, family) {
        case (.v4(let address), .v4(let mask), .ip):
            guard let set = intervals(address, mask: mask) else { return nil }
            return IPAddressSet(v4: isNegated ? set.complement : set)
        case (.v6(let address), .v6(let mask), .ip6):
            guard let set = intervals(address, mask: mask) else { return nil }
            return IPAddressSet(v6: isNegated ? set.complement : set)
        default: throw LiftRefusal("'\(value.address)' is no address of the family")
        }
    }
}

/// The numbers whose bits under a mask are those of another; `nil` if these are more than 65,536 intervals.
private func intervals<Number: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ number: Number, mask: Number
) -> IntervalSet<Number>? {
    // The lowest bits that do not count make each interval; those above make many of them.
    let low = mask == 0 ? Number.max : (1 << Number(mask.trailingZeroBitCount)) - 1
    let free = ~mask & ~low
    guard free.nonzeroBitCount <= 16 else { return nil }
    var ranges: [ClosedRange<Number>] = []
    var bits: Number = 0
    repeat {
        let first = number & mask | bits
        ranges.append(first...(first | low))
        bits = (bits &- free) & free
    } while bits != 0
    return IntervalSet(ranges)
}

extension Negatable<IPAddressRange> {
    /// The addresses of a family that pass.
    func addresses(in family: AddressFamily) throws(LiftRefusal) -> IPAddressSet {
        switch (value, family) {
        case (.v4(let range), .ip): IPAddressSet(v4: map { _ in range }.numbers())
        case (.v6(let range), .ip6): IPAddressSet(v6: map { _ in range }.numbers())
        default: throw LiftRefusal("'\(value)' is no address of the family")
        }
    }
}

extension Negatable<PortRange> {
    /// The ports that pass; a range whose end lies before its beginning holds none.
    var ports: IntervalSet<UInt16> {
        let set = value.range.map { IntervalSet([$0]) } ?? .none
        return isNegated ? set.complement : set
    }
}

extension Negatable {
    /// The numbers that pass, where the value is a range of them.
    func numbers<Number>() -> IntervalSet<Number> where Value == ClosedRange<Number> {
        let set = IntervalSet([value])
        return isNegated ? set.complement : set
    }
}
