internal import FirewallIR
internal import PacketModel

/// The boxes of one kind of traffic, with what is true of its packets taken into account.
///
/// Where an assumption says that two fields are the same, both restrictions become one; so nothing is divided for the sake of
/// packets that there cannot be. Values that packets of the kind cannot have do not matter.
struct KindBoxes {
    let query: Query
    let kind: TrafficKinds
    /// Whether what is forwarded is looked at, so that no destination is this host's.
    let isForwarded: Bool
    /// The assumptions that had a bearing.
    private(set) var assumed: Set<Assumption> = []

    init(_ query: Query, _ kind: TrafficKinds, isForwarded: Bool) {
        self.query = query
        self.kind = kind
        self.isForwarded = isForwarded
    }

    private var space: Space { query.space }
    private var icmp: UInt32 { space.domains.proto.atom(of: query.family.icmp.rawValue) }
    private var isTracked: Bool { kind.isDisjoint(with: [.invalid, .untracked]) }
    private var isError: Bool { !kind.isDisjoint(with: [.errors, .errorsInReply]) }
    private var isOfOneProtocol: Bool { isTracked && !isError }
    private var isFromClient: Bool { !kind.isDisjoint(with: .connections) }

    // MARK: - Functions

    /// The function for packets of the kind alone.
    mutating func function(_ diagram: Diagram) -> Diagram {
        var result = query.fixed(diagram, .fragment, at: 0)
        if result != diagram { assumed.insert(.defragmented) }
        result = query.fixed(result, .state, at: kind.state)
        if let missing = query.missingInterface {
            result = query.fixed(result, missing, at: space.domains.interfaces.atom(of: ""))
        }
        if isTracked {
            result = query.fixed(result, .direction, at: kind.isReply ? 1 : 0)
        } else {
            for axis in space.axes where axis.dimension.isOfEntry {
                result = query.fixed(result, axis.dimension, at: axis.absent ?? 0)
            }
        }
        if isError { result = query.fixed(result, .proto, at: icmp) }
        return result
    }

    // MARK: - Boxes

    /// A box of the kind in the form in which boxes of different kinds can be the same; none if it has no packet.
    mutating func normal(_ box: AtomBox) -> [AtomBox] {
        var box = box
        box.kinds = kind
        guard stripAbsence(&box), settleStatus(&box), settleProtocol(&box), settleRoutes(&box) else { return [] }
        return headers(of: box).compactMap { part in
            var part = part
            return settleEnds(&part) ? part : nil
        }
    }

    private mutating func stripAbsence(_ box: inout AtomBox) -> Bool {
        for (index, axis) in space.axes.enumerated() where axis.dimension.isOfEntry {
            guard let set = box.sets[index], let absent = axis.absent else { continue }
            guard put(set.without(absent), at: index, in: &box) else { return false }
        }
        return true
    }

    /// Sets the atoms of an axis; returns whether any are left.
    private func put(_ set: AtomIntervals?, at index: Int, in box: inout AtomBox) -> Bool {
        box.sets[index] = set == space.axes[index].present ? nil : set
        return set?.isEmpty != true
    }

    /// For new connections no reply was seen: a status with that bit is what the one without is.
    private mutating func settleStatus(_ box: inout AtomBox) -> Bool {
        guard kind == .new, let place = space.places[.status], let set = box.sets[place] else { return true }
        let classes = space.domains.status
        let settled = classes.representatives.indices.filter { index in
            let unreplied = classes.representatives[index] & ~ConntrackStatus.seenReply.rawValue
            return set.has(classes.atom(of: unreplied))
        }
        let result = AtomIntervals(atoms: settled.map { UInt32($0) })
        if result != set { assumed.insert(.newIsOriginal) }
        return put(result, at: place, in: &box)
    }

    /// Apart from errors, the packet has the protocol that was dialled.
    private mutating func settleProtocol(_ box: inout AtomBox) -> Bool {
        guard isOfOneProtocol else { return true }
        return join(.originalProtocol, into: .proto, .protocolOfConnection, &box)
    }

    /// What the client sends comes from where the connection comes from, and without DNAT it goes where it was dialled.
    private mutating func settleEnds(_ box: inout AtomBox) -> Bool {
        guard isFromClient else { return true }
        let hasSourcePort = space.places[.sourcePort].map { box.sets[$0] != nil } ?? false
        guard join(.originalSource, into: .source, .sourceOfConnection, &box),
            !hasSourcePort || join(.originalSourcePort, into: .sourcePort, .sourceOfConnection, &box)
        else { return false }
        guard isUntranslated(box) else { return true }
        let hasPort = space.places[.destinationPort].map { box.sets[$0] != nil } ?? false
        return join(.originalDestination, into: .destination, .destinationOfConnection, &box)
            && (!hasPort || join(.originalDestinationPort, into: .destinationPort, .destinationOfConnection, &box))
    }

    private func isUntranslated(_ box: AtomBox) -> Bool {
        guard let place = space.places[.status], let set = box.sets[place] else { return false }
        let classes = space.domains.status
        return set.atoms.allSatisfy { classes.representatives[Int($0)] & ConntrackStatus.dnat.rawValue == 0 }
    }

    /// Both fields are the same, so the restriction of one holds for the other.
    private mutating func join(
        _ other: Dimension, into dimension: Dimension, _ assumption: Assumption, _ box: inout AtomBox
    ) -> Bool {
        guard let own = space.places[dimension], let place = space.places[other], let set = box.sets[place] else {
            return true
        }
        let joined = box.sets[own].map { AtomSets.intersection($0, set) } ?? set
        if box.sets[own] != nil { assumed.insert(assumption) }
        box.sets[place] = nil
        return put(joined, at: own, in: &box)
    }

    /// What is forwarded is not for this host.
    private mutating func settleRoutes(_ box: inout AtomBox) -> Bool {
        guard isForwarded, let local = space.domains.addressTypes.firstIndex(of: .local) else { return true }
        for (index, axis) in space.axes.enumerated() {
            guard case .addressType(let question) = axis.dimension, question.side == .destination,
                let set = box.sets[index]
            else { continue }
            let others = set.without(UInt32(local))
            guard !others.isEmpty else {
                assumed.insert(.destinationNotLocal)
                return false
            }
            // Whether the host's own addresses would be in does not matter, so they are in where that says less.
            let all = AtomSets.merged(others + [UInt32(local)...UInt32(local)])
            box.sets[index] = all == axis.present ? nil : others
            if others != set || all == axis.present { assumed.insert(.destinationNotLocal) }
        }
        return true
    }

    // MARK: - Headers

    /// A box in which fields of a header are restricted only for protocols that have them.
    private func headers(of box: AtomBox) -> [AtomBox] {
        guard let place = space.places[.proto] else { return [box] }
        var boxes = [box]
        for (index, axis) in space.axes.enumerated() where axis.dimension.isOfHeader {
            let protocols = AtomIntervals(
                atoms: Set(
                    AgreeingFields.protocols(axis.dimension, space.domains).map {
                        space.domains.proto.atom(of: $0.rawValue)
                    }))
            boxes = boxes.flatMap { split($0, index, axis, protocols, place) }
        }
        return boxes
    }

    private func split(_ box: AtomBox, _ index: Int, _ axis: Axis, _ protocols: AtomIntervals, _ place: Int)
        -> [AtomBox]
    {
        guard let set = box.sets[index], let absent = axis.absent else { return [box] }
        let all = isError ? [icmp...icmp] : box.sets[place] ?? space.axes[place].present
        var found: [AtomBox] = []
        func add(_ protocols: AtomIntervals, _ set: AtomIntervals?) {
            if protocols.isEmpty || set?.isEmpty == true { return }
            var part = box
            if !isError { part.sets[place] = protocols == space.axes[place].present ? nil : protocols }
            part.sets[index] = set == axis.present ? nil : set
            found.append(part)
        }
        add(AtomSets.intersection(all, protocols), set.without(absent))
        if set.has(absent) {
            add(AtomSets.intersection(all, protocols.complement(below: space.axes[place].size)), nil)
        }
        return found
    }

    /// The same box with the message type of its family's ICMP in it or out of it, whichever another box has.
    ///
    /// Of connections that another one announced, ICMP errors are a kind of their own.
    func adopting(_ box: AtomBox, _ others: Set<AtomBox>) -> [AtomBox] {
        guard kind == .announced || kind == .announcedReplies, let place = space.places[.proto] else { return [box] }
        let own = box.sets[place] ?? space.axes[place].present
        let without = own.without(icmp)
        if without.isEmpty { return [] }
        var with = box
        let all = AtomSets.merged(without + [icmp...icmp])
        with.sets[place] = all == space.axes[place].present ? nil : all
        var like = with
        like.kinds = .new
        if others.contains(like) { return [with] }
        var less = box
        less.sets[place] = without
        return [less]
    }
}

extension TrafficKinds {
    /// The atom of the state.
    var state: UInt32 {
        switch self {
        case .new: 0
        case .running, .replies: 1
        case .announced, .announcedReplies, .errors, .errorsInReply: 2
        case .invalid: 3
        default: 4
        }
    }

    /// Whether the packets are in the direction of the answers.
    var isReply: Bool { !isDisjoint(with: [.replies, .announcedReplies, .errorsInReply]) }
}
