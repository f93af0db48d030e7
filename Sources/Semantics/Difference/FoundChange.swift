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
        var places: [Key: [Int]] = [:]
        for (index, change) in first.enumerated().reversed() { places[Key(change), default: []].append(index) }
        for change in second {
            if let place = places[Key(change)]?.popLast() {
                result[place].join(change)
            } else {
                result.append(change)
            }
        }
        return result
    }

    /// What has to be the same in both families.
    private struct Key: Hashable {
        var kinds: TrafficKinds
        var fields: [TrafficField: TrafficValues]
        var restricted: Set<TrafficField>
        var was: TrafficTreatment
        var now: TrafficTreatment

        init(_ change: FoundChange) {
            kinds = change.box.kinds
            fields = change.box.fields.filter { !$0.value.isOfFamily }
            restricted = Set(change.box.fields.filter(\.value.isOfFamily).map(\.key))
            was = change.was
            now = change.now
        }
    }

    private mutating func join(_ other: FoundChange) {
        box.families.formUnion(other.box.families)
        members += other.members
        for (field, values) in other.box.fields {
            if case .addresses(let more) = values, case .addresses(let own)? = box.fields[field] {
                box.fields[field] = .addresses(own.union(more))
            }
        }
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
        return own.numbers == others.numbers ? own.text < others.text : own.numbers.lexicographicallyPrecedes(others.numbers)
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
