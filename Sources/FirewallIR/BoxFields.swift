internal import PacketModel

/// Which fields a box restricts.
package struct BoxFields: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let source = BoxFields(rawValue: 1 << 0)
    package static let destination = BoxFields(rawValue: 1 << 1)
    package static let originalSource = BoxFields(rawValue: 1 << 2)
    package static let originalDestination = BoxFields(rawValue: 1 << 3)
    package static let sourcePort = BoxFields(rawValue: 1 << 4)
    package static let destinationPort = BoxFields(rawValue: 1 << 5)
    package static let originalSourcePort = BoxFields(rawValue: 1 << 6)
    package static let originalDestinationPort = BoxFields(rawValue: 1 << 7)
    package static let inInterface = BoxFields(rawValue: 1 << 8)
    package static let outInterface = BoxFields(rawValue: 1 << 9)
    package static let protocols = BoxFields(rawValue: 1 << 10)
    package static let direction = BoxFields(rawValue: 1 << 11)
    package static let state = BoxFields(rawValue: 1 << 12)
    /// Any of the others.
    package static let rest = BoxFields(rawValue: 1 << 13)

    /// Addresses: values of which there may be a hundred thousand, with networks among them.
    package static let addresses: BoxFields = [.source, .destination, .originalSource, .originalDestination]
    /// Ports, of the packet and of its connection.
    package static let ports: BoxFields = [
        .sourcePort, .destinationPort, .originalSourcePort, .originalDestinationPort,
    ]
    /// The fields that are compared with values, and of which a set may be made.
    package static let keys: BoxFields = [.addresses, .ports]

    /// All fields.
    package static let all = BoxFields(rawValue: 1 << 14 - 1)

    /// The fields one by one, in a fixed order.
    package var members: [BoxFields] {
        (0..<14).map { BoxFields(rawValue: 1 << $0) }.filter { contains($0) }
    }
}

extension Box {
    /// The fields that the box restricts, the families apart.
    package var fields: BoxFields {
        var fields: BoxFields = []
        if source != nil { fields.insert(.source) }
        if destination != nil { fields.insert(.destination) }
        if originalSource != nil { fields.insert(.originalSource) }
        if originalDestination != nil { fields.insert(.originalDestination) }
        if sourcePort != nil { fields.insert(.sourcePort) }
        if destinationPort != nil { fields.insert(.destinationPort) }
        if originalSourcePort != nil { fields.insert(.originalSourcePort) }
        if originalDestinationPort != nil { fields.insert(.originalDestinationPort) }
        if inInterface != nil { fields.insert(.inInterface) }
        if outInterface != nil { fields.insert(.outInterface) }
        if protocols != nil { fields.insert(.protocols) }
        if direction != nil { fields.insert(.direction) }
        if state != nil { fields.insert(.state) }
        if hasRareFields { fields.insert(.rest) }
        return fields
    }

    private var hasRareFields: Bool {
        if icmp != nil || tcpFlags != nil || isLaterFragment != nil || status != nil || originalProtocol != nil {
            return true
        }
        return connectionMark != nil || packetType != nil || !numbers.isEmpty || !mark.isEmpty || !addressTypes.isEmpty
    }

    /// The box without restrictions of some fields: all packets that differ from its own in these alone.
    package func lifting(_ fields: BoxFields) -> Box {
        var box = self
        if fields.contains(.source) { box.source = nil }
        if fields.contains(.destination) { box.destination = nil }
        if fields.contains(.originalSource) { box.originalSource = nil }
        if fields.contains(.originalDestination) { box.originalDestination = nil }
        if fields.contains(.sourcePort) { box.sourcePort = nil }
        if fields.contains(.destinationPort) { box.destinationPort = nil }
        if fields.contains(.originalSourcePort) { box.originalSourcePort = nil }
        if fields.contains(.originalDestinationPort) { box.originalDestinationPort = nil }
        if fields.contains(.inInterface) { box.inInterface = nil }
        if fields.contains(.outInterface) { box.outInterface = nil }
        if fields.contains(.protocols) { box.protocols = nil }
        if fields.contains(.direction) { box.direction = nil }
        if fields.contains(.state) { box.state = nil }
        return box
    }

    /// The key fields that no packet in the box lacks: a set of values says of them all that the box does.
    package var presentKeys: BoxFields {
        var keys = fields.intersection(.keys)
        if originalSource?.allowsAbsent == true { keys.remove(.originalSource) }
        if originalDestination?.allowsAbsent == true { keys.remove(.originalDestination) }
        if sourcePort?.allowsAbsent == true { keys.remove(.sourcePort) }
        if destinationPort?.allowsAbsent == true { keys.remove(.destinationPort) }
        if originalSourcePort?.allowsAbsent == true { keys.remove(.originalSourcePort) }
        if originalDestinationPort?.allowsAbsent == true { keys.remove(.originalDestinationPort) }
        return keys
    }
}

/// A box as a key of a dictionary: compared in full, found by a number that is quickly made.
package struct BoxKey: Hashable, Sendable {
    /// A box that is shared by all copies of the key.
    private final class Shared: Sendable {
        let box: Box

        init(_ box: Box) { self.box = box }
    }

    private let shared: Shared
    private let digest: Int

    /// The box.
    package var box: Box { shared.box }

    /// A key.
    package init(_ box: Box) {
        shared = Shared(box)
        digest = box.digest(of: .all)
    }

    package static func == (a: BoxKey, b: BoxKey) -> Bool {
        a.digest == b.digest && (a.shared === b.shared || a.shared.box == b.shared.box)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension Box {
    /// A number that boxes share which say the same of some fields, made of those that tell most boxes apart.
    package func digest(of fields: BoxFields) -> Int {
        var mixed = UInt64(families.rawValue)
        func mix(_ value: UInt64) { mixed = (mixed ^ value) &* 0x9e37_79b9_7f4a_7c15 ^ (mixed >> 29) }
        func mix(_ set: IPAddressSet?) {
            guard let set else { return mix(1) }
            if let first = set.v4.intervals.first { mix(UInt64(first.lowerBound) << 32 | UInt64(first.upperBound)) }
            if let first = set.v6.intervals.first {
                mix(UInt64(truncatingIfNeeded: first.lowerBound >> 64))
                mix(UInt64(truncatingIfNeeded: first.lowerBound ^ first.upperBound))
            }
            mix(UInt64(set.v4.intervals.count &+ set.v6.intervals.count))
        }
        func mix(_ ports: Presence<IntervalSet<UInt16>>?) {
            guard let first = ports?.values.intervals.first else { return mix(2) }
            mix(UInt64(first.lowerBound) << 16 | UInt64(first.upperBound))
        }
        if fields.contains(.source) { mix(source) }
        if fields.contains(.destination) { mix(destination) }
        if fields.contains(.originalDestinationPort) { mix(originalDestinationPort) }
        if fields.contains(.destinationPort) { mix(destinationPort) }
        if fields.contains(.originalDestination) { mix(originalDestination?.values) }
        if fields.contains(.protocols), let first = protocols?.intervals.first {
            mix(UInt64(first.lowerBound) << 8 | UInt64(first.upperBound))
        }
        if fields.contains(.state) { mix(UInt64(state?.rawValue ?? 64)) }
        if fields.contains(.direction) { mix(UInt64(direction?.values.rawValue ?? 64)) }
        if fields.contains(.inInterface) { for pattern in inInterface?.patterns ?? [] { mix(pattern.shortDigest) } }
        if fields.contains(.outInterface) {
            for pattern in outInterface?.patterns ?? [] { mix(pattern.shortDigest &+ 1) }
        }
        return Int(truncatingIfNeeded: mixed ^ (mixed >> 32))
    }

    /// Whether two boxes say the same of some fields, and speak of the same families.
    package func agrees(with other: Box, in fields: BoxFields) -> Bool {
        families == other.families
            && (!fields.contains(.source) || source == other.source)
            && (!fields.contains(.destination) || destination == other.destination)
            && (!fields.contains(.originalSource) || originalSource == other.originalSource)
            && (!fields.contains(.originalDestination) || originalDestination == other.originalDestination)
            && (!fields.contains(.sourcePort) || sourcePort == other.sourcePort)
            && (!fields.contains(.destinationPort) || destinationPort == other.destinationPort)
            && (!fields.contains(.originalSourcePort) || originalSourcePort == other.originalSourcePort)
            && (!fields.contains(.originalDestinationPort)
                || originalDestinationPort == other.originalDestinationPort)
            && (!fields.contains(.inInterface) || inInterface == other.inInterface)
            && (!fields.contains(.outInterface) || outInterface == other.outInterface)
            && (!fields.contains(.protocols) || protocols == other.protocols)
            && (!fields.contains(.direction) || direction == other.direction)
            && (!fields.contains(.state) || state == other.state)
            && (!fields.contains(.rest) || agreesInRareFields(with: other))
    }

    private func agreesInRareFields(with other: Box) -> Bool {
        if !hasRareFields && !other.hasRareFields { return true }
        return icmp == other.icmp && tcpFlags == other.tcpFlags && isLaterFragment == other.isLaterFragment
            && status == other.status && originalProtocol == other.originalProtocol
            && connectionMark == other.connectionMark && packetType == other.packetType && numbers == other.numbers
            && mark == other.mark && addressTypes == other.addressTypes
    }
}

/// Boxes by what they say besides some fields: those that differ in these alone are of one class.
package struct BoxClasses {
    /// The first box of each class, and the fields that were left out of the comparison.
    package private(set) var first: [(box: Box, besides: BoxFields)] = []
    private var byDigest: [Int: [Int]] = [:]

    /// No classes.
    package init() {}

    /// The number of a box's class; a new one if there was none like it.
    package mutating func number(of box: Box, besides keys: BoxFields) -> Int {
        let asked = BoxFields.all.subtracting(keys)
        let digest = box.digest(of: asked) ^ Int(keys.rawValue)
        for number in byDigest[digest] ?? []
        where first[number].besides == keys && first[number].box.agrees(with: box, in: asked) {
            return number
        }
        byDigest[digest, default: []].append(first.count)
        first.append((box, keys))
        return first.count - 1
    }
}

extension InterfacePattern {
    fileprivate var shortDigest: UInt64 {
        let (name, isPrefix) =
            switch self {
            case .exact(let name): (name, false)
            case .prefix(let name): (name, true)
            }
        return name.utf8.reduce(isPrefix ? 7 : 5) { $0 &* 31 &+ UInt64($1) }
    }
}
