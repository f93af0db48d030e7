internal import PacketModel

/// The named sets of a table, each content once, numbered in the order of their first use.
struct NFTSets {
    private(set) var all: [NFTSet] = []
    private var names: [Content: String] = [:]

    private struct Content: Hashable {
        var kind: NFTSet.Kind
        var elements: [NFTValue]
    }

    /// A reference to a set of addresses of one family.
    mutating func reference(_ ranges: [IPAddressRange], family: AddressFamily) -> NFTValue {
        reference(family == .ip ? .ipv4 : .ipv6, prefix: family == .ip ? "addr4" : "addr6", ranges.map(\.value))
    }

    /// A reference to a set of ports.
    mutating func reference(_ ports: IntervalSet<UInt16>) -> NFTValue {
        reference(.port, prefix: "port", ports.intervals.map(\.value))
    }

    private mutating func reference(_ kind: NFTSet.Kind, prefix: String, _ elements: [NFTValue]) -> NFTValue {
        let content = Content(kind: kind, elements: elements)
        if let name = names[content] { return .named(name) }
        let name = "\(prefix)-\(all.count { $0.kind == kind } + 1)"
        all.append(NFTSet(name: name, kind: kind, elements: elements))
        names[content] = name
        return .named(name)
    }
}

extension IPAddressRange {
    /// As an element of a set, or the right side of a match.
    var value: NFTValue {
        if first == last { return .address(first) }
        if let prefix { return .prefix(prefix) }
        return .addressRange(first, last)
    }
}

extension ClosedRange where Bound: FixedWidthInteger {
    /// As an element of a set, or the right side of a match.
    var value: NFTValue {
        lowerBound == upperBound ? .number(Int64(lowerBound)) : .range(Int64(lowerBound), Int64(upperBound))
    }
}
