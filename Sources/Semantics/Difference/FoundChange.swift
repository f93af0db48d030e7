internal import FirewallIR
internal import PacketModel

/// A change that was found, before packets of it are replayed.
struct FoundChange {
    /// A box of one family, in the space in which it was found.
    struct Member {
        var search: DifferenceSearch
        var box: AtomBox
    }

    var hook: Scope.Hook
    var box: TrafficBox
    var was: TrafficTreatment
    var now: TrafficTreatment
    var members: [Member]

    /// The changes of two families in one list: those that are the same but for addresses are one.
    static func merged(_ first: [FoundChange], _ second: [FoundChange]) -> [FoundChange] {
        var result = first
        var left = second
        // First those that restrict the same address fields, then those of which one has an address where the other has none.
        for isLoose in [false, true] {
            var places: [Key: [Int]] = [:]
            for (index, change) in result.enumerated().reversed() where change.box.families.families.count == 1 {
                places[Key(change, isLoose: isLoose), default: []].append(index)
            }
            left = left.filter { change in
                guard let place = places[Key(change, isLoose: isLoose)]?.popLast() else { return true }
                result[place].join(change)
                return false
            }
        }
        return result + left
    }

    /// What has to be the same in both families.
    private struct Key: Hashable {
        var kinds: TrafficKinds
        var fields: [TrafficField: TrafficValues]
        var restricted: Set<TrafficField>
        var was: TrafficTreatment
        var now: TrafficTreatment

        init(_ change: FoundChange, isLoose: Bool) {
            kinds = change.box.kinds
            fields = change.box.fields.filter { !$0.value.isOfFamily }
            restricted = isLoose ? [] : Set(change.box.fields.filter(\.value.isOfFamily).map(\.key))
            was = change.was
            now = change.now
        }
    }

    private mutating func join(_ other: FoundChange) {
        let fields = Set(box.fields.keys).union(other.box.fields.keys)
        for field in fields {
            let both = [self, other].map { $0.addresses(field) }
            guard let own = both[0] ?? both[1].map({ _ in IPAddressSet.all.only(box.families) }),
                let more = both[1] ?? both[0].map({ _ in IPAddressSet.all.only(other.box.families) })
            else { continue }
            box.fields[field] = .addresses(own.union(more))
        }
        box.families.formUnion(other.box.families)
        members += other.members
    }

    private func addresses(_ field: TrafficField) -> IPAddressSet? {
        if case .addresses(let set)? = box.fields[field] { set } else { nil }
    }
}

extension IPAddressSet {
    /// The addresses of some families alone.
    fileprivate func only(_ families: FamilySet) -> IPAddressSet {
        IPAddressSet(v4: families.contains(.ip) ? v4 : .none, v6: families.contains(.ip6) ? v6 : .none)
    }
}

extension TrafficValues {
    /// Whether each family has values of its own.
    fileprivate var isOfFamily: Bool { if case .addresses = self { true } else { false } }
}

// MARK: - Order

extension FoundChange {
    /// By services, then by what changes, then by who is concerned.
    func precedes(_ other: FoundChange) -> Bool {
        let own = sortKey
        let others = other.sortKey
        return own.numbers == others.numbers
            ? own.text < others.text : own.numbers.lexicographicallyPrecedes(others.numbers)
    }

    private var sortKey: (numbers: [Int], text: String) {
        let service = [box.fields[.proto], box.fields[.dialledPort] ?? box.fields[.containerPort], box.fields[.icmp]]
        let numbers = service.map { $0?.first ?? 1 << 17 } + [box.kinds.isDisjoint(with: .connections) ? 1 : 0]
        let others = box.fields.filter { $0.key.order > TrafficField.icmp.order }.sorted { $0.key.order < $1.key.order }
        let text = others.map { "\($0.key.order) \($0.value.words)" }.joined(separator: " ")
        return (numbers, "\(was.verdict) \(now.verdict) \(text) \(box.families.rawValue) \(box.kinds.rawValue)")
    }
}

extension TrafficValues {
    /// The first number; what is all but some comes behind what is some.
    fileprivate var first: Int? {
        switch self {
        case .protocols(let set): Self.first(set)
        case .numbers(let set): Self.first(set)
        default: nil
        }
    }

    private static func first<Value>(_ set: IntervalSet<Value>) -> Int? {
        set.intervals.first.map { $0.lowerBound == 0 && set.single == nil ? 1 << 16 : Int($0.lowerBound) }
    }
}
