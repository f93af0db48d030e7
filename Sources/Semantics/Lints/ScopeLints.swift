internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// The lints of one scope in one family.
struct ScopeLints {
    let subject: LintSubject
    let sources: [RuleSource]

    private var query: Query { subject.query }
    private var rules: [FirewallRule] { query.rules[0] }

    /// How much of a rule is left.
    enum Deadness {
        /// It has no packets of this family.
        case absent
        case dead
        case live
    }

    /// Whether the rule of a source decides anything in this family.
    ///
    /// Only rules of the entry chain are said to be dead: of those in a chain that is jumped to it would have to be said which
    /// packets come there, and a jump by itself decides nothing.
    func deadness(of place: Int) -> Deadness {
        if subject.live.contains(place) || !subject.isOfEntryChain(place) { return .live }
        let numbers = subject.rulesOfSource[place].filter { !rules[$0].isWithoutConsequence }
        guard let first = numbers.first, query.matching(first, 0) != TerminalTable.fall else { return .absent }
        return .dead
    }

    /// Whether the rule of a source asks for something that could be met if its parts did not exclude each other.
    ///
    /// A rule that only counts is no mistake, and decides nothing either.
    func hasCondition(_ place: Int) -> Bool {
        subject.rulesOfSource[place].contains { number in
            !rules[number].isWithoutConsequence
                && rules[number].condition.contains { $0.possibleFamilies.contains(FamilySet(query.family)) }
        }
    }

    // MARK: - Shadowed

    /// The rules before that decide all packets of a rule.
    func shadowed(_ place: Int) -> LintFinding? {
        let source = sources[place]
        let region = subject.region(of: place)
        let decided = subject.decided(in: region)
        let ends = query.store.terminals(of: decided).filter { query.terminals[$0].outcome.isDecided }
        if ends.isEmpty { return nil }
        let numbers = Set(ends.map { Int(query.terminals[$0].rule) }).filter { $0 >= 0 }
        // That a scope passes replies and errors is worth a word only where nothing else decides.
        let said = numbers.filter { !isPass(ofScope: $0) }
        let others = Set((said.isEmpty ? numbers : said).map { author(ofRule: $0) }).filter { $0.id != source.id }
            .sorted(by: inPolicyOrder)
        return LintFinding(
            source.isDefault ? .unreachedDefault : .shadowed, source, because: Array(others.suffix(5)),
            count: others.count, packet: subject.packet(in: decided) { ends.contains($0) })
    }

    /// The source of a rule; for one that a scope adds by itself, the scope.
    private func author(ofRule number: Int) -> RuleSource {
        if let place = subject.sourceOfRule[number] { return sources[place] }
        return RuleSource(id: String(rules[number].id.prefix(8)), origin: rules[number].origin)
    }

    /// Whether a rule is one of the two that hand on replies and related errors in each scope.
    private func isPass(ofScope number: Int) -> Bool {
        subject.sourceOfRule[number] == nil && rules[number].verdict == .leave
            && ["r", "e"].contains(rules[number].id.dropFirst(8))
    }

    private func inPolicyOrder(_ a: RuleSource, _ b: RuleSource) -> Bool {
        (a.origin.file, a.origin.line ?? 0, a.id) < (b.origin.file, b.origin.line ?? 0, b.id)
    }

    // MARK: - Redundant

    /// For each source whose rule decides something: whether the next rules, or the end, would do the same.
    func redundant() -> [Int: Bool] {
        let matches = query.store.replace(
            TerminalTable.fall, in: subject.impossible, by: query.nextMatches(subject.verdicts))
        if query.isExhausted { return [:] }
        var answers: [Int: Bool] = [:]
        for end in query.store.terminals(of: matches) {
            guard case .matches(let match) = query.terminals[end].outcome, let first = match.first,
                let place = subject.sourceOfRule[first]
            else { continue }
            let own = subject.verdicts[first]
            let isSame =
                switch match.second {
                case .open: own == query.sides[0].end
                case .verdict(let verdict): own == verdict
                case .other: false
                }
            // A source of several rules, such as one that logs as well, is not taken apart.
            let isWhole = subject.rulesOfSource[place].count == 1 && !sources[place].isDefault
            answers[place] = (answers[place] ?? true) && isSame && isWhole
        }
        return answers
    }

    /// A redundant rule with the next ones of its verdict that share packets with it.
    func redundancy(_ place: Int) -> LintFinding {
        guard let number = subject.rulesOfSource[place].first else { return LintFinding(.redundant, sources[place]) }
        let own = query.rows(of: number, 0)
        var later: [RuleSource] = []
        for other in rules.indices.dropFirst(number + 1) where subject.verdicts[other] == subject.verdicts[number] {
            guard later.count < 3, let source = subject.sourceOfRule[other] else { continue }
            if subject.rows(of: other).contains(where: { row in own.contains { query.space.overlap(row, $0) } }) {
                later.append(sources[source])
            }
        }
        return LintFinding(.redundant, sources[place], because: later)
    }

    // MARK: - Accept and replies

    /// Rules that accept nothing but what Docker's own rules accept: packets to published ports, from outside.
    func needlessAccepts() -> [(Int, LintFinding)] {
        guard query.hook == .containers else { return [] }
        let docker = query.acceptedByDocker()
        return accepting.compactMap { place in
            let numbers = Set(subject.rulesOfSource[place].map { Int32($0) })
            let own = query.store.mapTerminals(subject.decided(in: subject.region(of: place))) {
                numbers.contains(query.terminals[$0].rule) ? TerminalTable.inside : TerminalTable.fall
            }
            let others = query.find(own, TerminalTable.fall, outside: [subject.impossible] + docker)
            guard let others, others.isNowhere, own != TerminalTable.fall else { return nil }
            return (place, LintFinding(.needlessAccept, sources[place]))
        }
    }

    private var accepting: [Int] {
        sources.indices.filter { place in
            subject.live.contains(place) && subject.rulesOfSource[place].contains { rules[$0].verdict == .accept }
        }
    }

    /// Rules that drop packets in the direction of replies, while the packets that they answer are let through.
    ///
    /// The first twenty of them, of the first two hundred that stop replies at all: in a long list of drops each may be one,
    /// and each takes packets to be shown.
    func cutReplies() -> [(Int, LintFinding)] {
        // Replies to what comes in go out, and are judged elsewhere.
        guard query.hook == .containers || query.hook == .forward else { return [] }
        let replies = query.replies()
        let dropped = subject.decided(in: replies)
        let ends = query.store.terminals(of: dropped).filter { query.terminals[$0].outcome.stops }
        var endsOfPlace: [Int: Set<Diagram>] = [:]
        for end in ends { if let place = source(end) { endsOfPlace[place, default: []].insert(end) } }
        let interpreter = Interpreter(query.sides[0])
        var found: [(Int, LintFinding)] = []
        for (place, own) in endsOfPlace.sorted(by: { $0.key < $1.key }).prefix(200) where found.count < 20 {
            let region = query.store.replace(TerminalTable.inside, in: subject.region(of: place), by: dropped)
            guard let packet = subject.packet(in: region, { own.contains($0) }) else { continue }
            let cut = packet.withOtherClients.lazy.compactMap { cutReply($0, place, interpreter) }.first
            if let cut { found.append((place, cut)) }
        }
        return found
    }

    /// The source of the rule that decides at an end; `nil` where the policy does.
    private func source(_ end: Diagram) -> Int? {
        let rule = Int(query.terminals[end].rule)
        return rule < 0 ? nil : subject.sourceOfRule[rule]
    }

    /// The finding for one reply, if it is dropped by the rule and what it answers is let through.
    private func cutReply(_ packet: PacketState, _ place: Int, _ interpreter: Interpreter) -> LintFinding? {
        guard let entry = packet.entry, let own = interpreter.evaluate(packet, keepsSteps: false).decidedBy,
            own.id.hasPrefix(sources[place].id)
        else { return nil }
        let asked = interpreter.evaluate(packet.answered(by: entry), keepsSteps: false)
        guard asked.verdict == .leave || asked.verdict == .accept else { return nil }
        let allowing = asked.decidedBy.flatMap { rule in sources.first { rule.id.hasPrefix($0.id) } }
        return LintFinding(.cutsReplies, sources[place], because: allowing.map { [$0] } ?? [], packet: packet)
    }
}

extension Terminal.Outcome {
    /// Whether the packet goes no further.
    fileprivate var stops: Bool {
        switch self {
        case .decided(.drop), .decided(.reject): true
        default: false
        }
    }
}

extension PacketState {
    /// The packet, and the same for connections of some other clients.
    fileprivate var withOtherClients: [PacketState] {
        guard let entry else { return [] }
        let clients: [IPAddress] =
            family == .ip
            ? (PointDecoder.clients4 + PointDecoder.containers4).map { .v4($0) }
            : (PointDecoder.clients6 + PointDecoder.containers6).map { .v6($0) }
        return [self]
            + clients.filter { $0 != entry.source }.map { client in
                var packet = self
                packet.entry?.source = client
                if destination == entry.source { packet.destination = client }
                return packet
            }
    }

    /// The packet that opened the connection: what this one, a reply, answers.
    fileprivate func answered(by entry: ConntrackEntry) -> PacketState {
        var packet = self
        packet.state = .new
        packet.entry?.direction = .original
        packet.entry?.status.formIntersection([.dnat, .snat])
        if packet.tcpFlags != nil { packet.tcpFlags = .syn }
        (packet.inInterface, packet.outInterface) = (outInterface, inInterface)
        packet.source = entry.source
        packet.destination = source
        (packet.sourcePort, packet.destinationPort) = (destinationPort, sourcePort)
        return packet
    }
}

extension Query {
    /// Packets of connections that run, in the direction of replies.
    fileprivate func replies() -> Diagram {
        var row = [UInt32](repeating: AtomSets.all, count: space.axes.count)
        row = space.restricted(row, .state, to: [1...1]) ?? row
        row = space.restricted(row, .direction, to: [1...1]) ?? row
        return union([row])
    }

    /// What Docker's own rules accept in every version: packets to published ports that enter from outside of its bridges.
    ///
    /// Between bridges some versions drop them, and who answers needs rules of one's own; so only what enters at interfaces
    /// that are named, and are no bridges of Docker's by their names, counts.
    fileprivate func acceptedByDocker() -> [Diagram] {
        guard space.places[.status] != nil, space.places[.inInterface] != nil else { return [] }
        let status = space.domains.status.representatives
        let translated = status.indices.filter { status[$0] & ConntrackStatus.dnat.rawValue != 0 }
        let outside = space.domains.interfaces.names.indices.filter { index in
            guard case .exact(let name)? = space.domains.interfaces.patterns[index] else { return false }
            return !name.hasPrefix("docker") && !name.hasPrefix("br-") && !name.hasPrefix("veth")
        }
        var row = [UInt32](repeating: AtomSets.all, count: space.axes.count)
        for (dimension, atoms) in [
            (Dimension.status, translated), (.inInterface, outside), (.direction, [0]), (.state, [0, 1, 2]),
        ] {
            let set = AtomSets.merged(atoms.map { UInt32($0)...UInt32($0) })
            guard let narrowed = space.restricted(row, dimension, to: set) else { return [] }
            row = narrowed
        }
        return [union([row])]
    }
}

extension Space {
    /// Whether two rows have a point in common; rows of single values are told apart at once.
    func overlap(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        a.indices.allSatisfy { axis in
            a[axis] == b[axis] || a[axis] == AtomSets.all || b[axis] == AtomSets.all
                || axes[axis].sets.intersects(a[axis], b[axis])
        }
    }

    /// What two rows have in common; `nil` if nothing.
    mutating func meet(_ a: [UInt32], _ b: [UInt32]) -> [UInt32]? {
        var row = a
        for axis in row.indices {
            row[axis] = intersection(a[axis], b[axis], on: axis)
            if axes[axis].sets.isEmpty(row[axis]) { return nil }
        }
        return row
    }
}
