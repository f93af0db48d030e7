internal import FirewallIR
internal import PacketModel

extension FoundChange {
    /// The change with a packet that shows it, and with the rules that decide about some of its packets.
    ///
    /// The packet goes through all rules of both sides; others through those that speak of what differs.
    func confirmed() -> Result<TrafficChange, NoAnswer> {
        var causes: [TrafficChange.Cause] = []
        var example: PacketState?
        for member in members {
            for point in member.points {
                let replay = Replay(member.search, point)
                if example == nil {
                    guard replay.isValid, replay.treatment(0, whole: true) == was,
                        replay.treatment(1, whole: true) == now
                    else { return .failure(NoAnswer(reason: .unconfirmed(replay.packet))) }
                    example = replay.packet
                }
                let cause = TrafficChange.Cause(was: replay.rule(0), now: replay.rule(1))
                if replay.isValid, causes.count < 3, !causes.contains(where: { $0.isAlike(cause) }) {
                    causes.append(cause)
                }
            }
        }
        guard let example else { return .failure(NoAnswer(reason: .unconfirmed(Self.nothing))) }
        return .success(
            TrafficChange(hook: hook, box: box, was: was, now: now, example: example, causes: causes))
    }

    private static let nothing = PacketState(
        family: .ip, inInterface: "", outInterface: "", source: .v4(0), destination: .v4(0),
        proto: .tcp, state: .invalid)
}

extension TrafficChange.Cause {
    fileprivate func isAlike(_ other: TrafficChange.Cause) -> Bool {
        was?.id == other.was?.id && now?.id == other.now?.id
    }
}

/// A point of a box as a packet, and what both sides do with it.
private struct Replay {
    let packet: PacketState
    private let search: DifferenceSearch
    private let circumstances: [Circumstances]
    private let evaluations: [Evaluation]

    init(_ search: DifferenceSearch, _ point: [Dimension: ClosedRange<UInt32>]) {
        self.search = search
        let decoder = PointDecoder(query: search.query, point: point)
        let packet = decoder.packet()
        let circumstances = [0, 1].map { decoder.circumstances(side: $0) }
        self.packet = packet
        self.circumstances = circumstances
        evaluations = [0, 1].map {
            Interpreter(search.query.sides[$0]).evaluate(packet, circumstances[$0], keepsSteps: false)
        }
    }

    var isValid: Bool { packet.isValid }

    func rule(_ side: Int) -> FirewallRule? { evaluations[side].decidedBy }

    /// What a side does, in the terms of the comparison.
    func treatment(_ side: Int, whole: Bool) -> TrafficTreatment {
        let scope = search.whole[side]
        let evaluation =
            whole ? Interpreter(scope).evaluate(packet, circumstances[side], keepsSteps: false) : evaluations[side]
        var treatment = TrafficTreatment(verdict: evaluation.verdict)
        if search.options.strictness == .effects {
            treatment.effects = evaluation.events.compactMap { event in
                if case .effect(let effect) = event, effect != .count { effect } else { nil }
            }
        }
        if search.options.strictness == .verdict, case .reject = evaluation.verdict { treatment.verdict = .drop }
        return treatment
    }
}

extension FoundChange.Member {
    /// Some points of the box: the one that people recognise best, then others from different ends of its widest set.
    var points: [[Dimension: ClosedRange<UInt32>]] {
        let preference = Preference(domains: search.query.space.domains)
        var point: [Dimension: ClosedRange<UInt32>] = [:]
        var widest: (dimension: Dimension, atoms: [UInt32])?
        for (axis, set) in zip(search.query.space.axes, box.sets) {
            guard let set else { continue }
            let best = set.map { part in
                let atoms = part.lowerBound...part.lowerBound
                return (preference.rank(axis, atoms), atoms)
            }.min { ($0.0, $0.1.lowerBound) < ($1.0, $1.1.lowerBound) }
            point[axis.dimension] = best?.1
            if set.count > widest?.atoms.count ?? 1 { widest = (axis.dimension, set.map(\.lowerBound)) }
        }
        let kind = TrafficKinds.each.first { box.kinds.contains($0) } ?? .new
        point[.state] = kind.state...kind.state
        point[.direction] = kind.isReply ? 1...1 : 0...0
        if kind == .new, let status = point[.status]?.lowerBound {
            // The same class without a reply is in the box as well (`KindBoxes.settleStatus`).
            let classes = search.query.space.domains.status
            let unreplied = classes.representatives[Int(status)] & ~ConntrackStatus.seenReply.rawValue
            let atom = classes.atom(of: unreplied)
            point[.status] = atom...atom
        }
        if !kind.isDisjoint(with: [.errors, .errorsInReply]) {
            let icmp = search.query.space.domains.proto.atom(of: search.query.family.icmp.rawValue)
            point[.proto] = icmp...icmp
        }
        guard let widest else { return [point] }
        let further = [widest.atoms.last, widest.atoms[widest.atoms.count / 2]].compactMap { $0 }.map { atom in
            var other = point
            other[widest.dimension] = atom...atom
            return other
        }
        return [point] + further
    }
}
