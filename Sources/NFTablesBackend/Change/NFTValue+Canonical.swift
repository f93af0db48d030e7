internal import PacketModel

extension NFTValue {
    /// The value in one of the spellings that nft has for it.
    func canonical(_ kind: NFTSet.Kind) -> NFTValue {
        switch self {
        case .prefix(let prefix): return Self.addresses(prefix.address, prefix.last)
        case .addressRange(let first, let last): return Self.addresses(first, last)
        case .range(let first, let last): return first == last ? .number(first) : self
        case .keyword(let word):
            guard kind == .other("inet_proto"), let proto = IPProtocol(nft: word) else { return self }
            return .number(Int64(proto.rawValue))
        case .concat(let parts):
            let kinds = kind.parts
            return .concat(parts.enumerated().map { $1.canonical($0 < kinds.count ? kinds[$0] : .other("")) })
        case .set(let elements): return Self.canonical(set: elements.map { $0.canonical(kind) })
        case .flags(let words): return .flags(words.sorted())
        case .interface, .number, .address, .mac, .named: return self
        }
    }

    private static func addresses(_ first: IPAddress, _ last: IPAddress) -> NFTValue {
        first == last ? .address(first) : .addressRange(first, last)
    }

    /// Elements in an order, and neighbours as one; a single one stands for itself.
    private static func canonical(set elements: [NFTValue]) -> NFTValue {
        let spans = elements.compactMap(NFTSpan.init)
        let merged =
            spans.count == elements.count
            ? NFTSpan.union(spans).map(\.value)
            : Set(elements).map { ($0.text, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        return merged.count == 1 ? merged[0] : .set(merged)
    }
}

extension IPPrefix {
    /// The last address.
    var last: IPAddress {
        switch address {
        case .v4(let value): .v4(length == 0 ? .max : value | (length == 32 ? 0 : UInt32.max >> UInt32(length)))
        case .v6(let value): .v6(length == 0 ? .max : value | (length == 128 ? 0 : UInt128.max >> UInt128(length)))
        }
    }
}

/// Numbers or addresses of one family without a gap.
struct NFTSpan: Hashable, Sendable {
    /// What the numbers are.
    enum Space: Hashable, Sendable { case number, ip, ip6 }

    var space: Space
    var first: UInt128
    var last: UInt128

    /// The span of a single value or a range; `nil` for what has no order, or negative numbers.
    init?(_ value: NFTValue) {
        switch value {
        case .number(let number): self.init(number, number)
        case .range(let first, let last): self.init(first, last)
        case .address(let address): self.init(address, address)
        case .addressRange(let first, let last): self.init(first, last)
        case .prefix(let prefix): self.init(prefix.address, prefix.last)
        case .keyword, .interface, .mac, .set, .flags, .named, .concat: return nil
        }
    }

    private init?(_ first: Int64, _ last: Int64) {
        guard let first = UInt128(exactly: first), let last = UInt128(exactly: last) else { return nil }
        self.init(space: .number, first: first, last: last)
    }

    private init?(_ first: IPAddress, _ last: IPAddress) {
        switch (first, last) {
        case (.v4(let first), .v4(let last)):
            self.init(space: .ip, first: UInt128(first), last: UInt128(last))
        case (.v6(let first), .v6(let last)): self.init(space: .ip6, first: first, last: last)
        default: return nil
        }
    }

    private init(space: Space, first: UInt128, last: UInt128) {
        self.space = space
        self.first = first
        self.last = last
    }

    /// The value that it is the span of.
    var value: NFTValue {
        switch space {
        case .number: first == last ? .number(Int64(first)) : .range(Int64(first), Int64(last))
        case .ip: Self.addresses(.v4(UInt32(first)), .v4(UInt32(last)))
        case .ip6: Self.addresses(.v6(first), .v6(last))
        }
    }

    private static func addresses(_ first: IPAddress, _ last: IPAddress) -> NFTValue {
        first == last ? .address(first) : .addressRange(first, last)
    }

    /// Whether both hold a value in common.
    func overlaps(_ other: NFTSpan) -> Bool { space == other.space && first <= other.last && other.first <= last }

    /// Whether nothing lies between both, or they overlap.
    func touches(_ other: NFTSpan) -> Bool {
        overlaps(other) || (space == other.space && (follows(other) || other.follows(self)))
    }

    private func follows(_ other: NFTSpan) -> Bool { other.last < first && first - other.last == 1 }

    /// The same values without overlaps, neighbours as one, ascending.
    static func union(_ spans: [NFTSpan]) -> [NFTSpan] {
        let sorted = spans.sorted { ($0.space.order, $0.first) < ($1.space.order, $1.first) }
        var result: [NFTSpan] = []
        for span in sorted {
            if let before = result.last, before.touches(span) {
                result[result.count - 1].last = max(before.last, span.last)
            } else {
                result.append(span)
            }
        }
        return result
    }
}

extension NFTSpan.Space {
    /// Numbers before addresses, short addresses before long ones.
    var order: Int {
        switch self {
        case .number: 0
        case .ip: 1
        case .ip6: 2
        }
    }
}
