internal import FirewallIR
internal import PacketModel

/// The named sets and maps of a table, each content once.
///
/// Names say what is in a set and what for, and nothing of its elements, so that a set that grows keeps its name.
struct NFTSets {
    /// Whether sets are kept as the cost model says, and not simply as intervals.
    let isOptimized: Bool
    private(set) var all: [NFTSet] = []
    private(set) var maps: [NFTMap] = []
    /// The rules of the policy that the elements of each set and map came from, in the order of the elements.
    private(set) var sources: [String: [[String]]] = [:]
    /// Why each set is kept as it is.
    private(set) var plans: [String: NFTSetPlan] = [:]
    private var names: [Content: String] = [:]
    private var used: [String: Int] = [:]

    private struct Content: Hashable {
        var kind: NFTSet.Kind
        var elements: [NFTValue]
    }

    init(isOptimized: Bool) { self.isOptimized = isOptimized }

    /// A reference to a set of addresses of one family.
    mutating func reference(_ ranges: [IPAddressRange], family: AddressFamily) -> NFTValue {
        reference(family == .ip ? .ipv4 : .ipv6, prefix: family == .ip ? "addr4" : "addr6", ranges.map(\.value))
    }

    /// A reference to a set of ports.
    mutating func reference(_ ports: IntervalSet<UInt16>) -> NFTValue {
        reference(.port, prefix: "port", ports.intervals.map(\.value))
    }

    private mutating func reference(_ kind: NFTSet.Kind, prefix: String, _ elements: [NFTValue]) -> NFTValue {
        reference(kind, named: prefix, elements, sources: [])
    }

    /// A reference to a set; one of the same content is taken in its place.
    ///
    /// - Parameters:
    ///   - kind: what the elements are.
    ///   - name: what the name begins with.
    ///   - elements: the elements, disjoint.
    ///   - sources: the rules that each came from; empty if that is not to be kept.
    ///   - plan: why it is kept so.
    /// - Returns: `@name`.
    mutating func reference(
        _ kind: NFTSet.Kind, named name: String, _ elements: [NFTValue], sources: [[String]],
        plan: NFTSetPlan? = nil
    ) -> NFTValue {
        let content = Content(kind: kind, elements: elements)
        if let name = names[content] {
            add(sources, to: name)
            return .named(name)
        }
        let name = unused(name)
        all.append(NFTSet(name: name, kind: kind, elements: elements))
        plans[name] = plan
        if !sources.isEmpty { self.sources[name] = sources }
        names[content] = name
        return .named(name)
    }

    /// A reference to a set that no other rule asks, whatever is in it: it may be empty, and what is in it may change alone.
    mutating func own(_ kind: NFTSet.Kind, named name: String, _ elements: [NFTValue]) -> NFTValue {
        let name = unused(name)
        all.append(NFTSet(name: name, kind: kind, elements: elements))
        return .named(name)
    }

    private mutating func add(_ sources: [[String]], to name: String) {
        guard let known = self.sources[name], known.count == sources.count else { return }
        self.sources[name] = zip(known, sources).map { known, new in known + new.filter { !known.contains($0) } }
    }

    /// A reference to a map from keys to verdicts.
    mutating func map(
        _ kind: NFTSet.Kind, named name: String, _ elements: [NFTVerdictMapElement], sources: [[String]],
        plan: NFTSetPlan
    ) -> NFTVerdictMap {
        let name = unused(name)
        plans[name] = plan
        maps.append(NFTMap(name: name, kind: kind, elements: elements))
        self.sources[name] = sources
        return .named(name)
    }

    private mutating func unused(_ name: String) -> String {
        let count = used[name, default: 0] + 1
        used[name] = count
        return "\(name)-\(count)"
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
