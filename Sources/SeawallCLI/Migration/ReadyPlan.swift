internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel
internal import Semantics

/// What is taken away of an iptables backend of Docker's, and what our table stops in its place: worked out and proved without
/// touching anything.
struct ReadyPlan {
    /// The state in force.
    let state: AppliedState
    /// Its policy, with what stops in the place of the policies of FORWARD.
    let deployable: Deployable
    /// The lines of our table that come besides.
    let lines: [String]
    /// What was done already.
    let former: ReadyRecord
    /// What is done.
    let added: ReadyRecord
    /// What was proved of each policy that is changed.
    var proofs: [String]

    /// All that holds afterwards.
    var record: ReadyRecord { former.adding(added) }

    /// Makes the plan.
    ///
    /// - Parameters:
    ///   - host: the host.
    ///   - leftovers: what there is to do.
    ///   - watch: is told how long it takes.
    /// - Returns: the plan, proved.
    /// - Throws: `DiagnosticError` if our table is not in force, or if something would be open that is closed now.
    static func make(
        _ host: ManagedHost, _ leftovers: DockerLeftovers, _ watch: inout Stopwatch
    ) async throws -> ReadyPlan {
        guard let state = try host.store.current(), state.settings.backend == .nft else {
            throw DiagnosticError.noTableOfOurs(try host.store.current())
        }
        let present = try await Deployable.stored(state, host.store, &watch)
        guard try await HostStatus.isInSync(present, state, on: host) else { throw DiagnosticError.tableDrifted(state) }
        var closing = ClosingPlan(leftovers: leftovers, present: present)
        for part in leftovers.parts where part.place.opensPolicy { try closing.close(part) }
        let former = try host.store.ready(of: state.number)
        let added = ReadyRecord(guards: closing.guards, places: leftovers.parts.map(\.place))
        let deployable = try await closing.deployable(former, state, host, &watch)
        guard deployable.proof.isProved else {
            throw DiagnosticError.notProved("what nft is given", deployable.proof.warnings)
        }
        return ReadyPlan(
            state: state, deployable: deployable,
            lines: LineDifference.lines(present.tableLines, deployable.tableLines),
            former: former, added: added,
            proofs: closing.proofs)
    }
}

extension Deployable {
    /// The table as it is handed to nft, line by line.
    fileprivate var tableLines: [String] {
        guard case .nft(let document, _) = emission else { return [] }
        return document.text(header: []).split(separator: "\n").map(String.init)
    }
}

/// What our table has to stop once policies of FORWARD stop nothing any more.
private struct ClosingPlan {
    let leftovers: DockerLeftovers
    /// The policy as it is in force.
    let present: Deployable
    var guards: [ForwardGuard] = []
    var proofs: [String] = []

    /// Sees to it that nothing is open that a policy stops now: by what our table stops already, or by further rules of it.
    mutating func close(_ part: DockerLeftovers.Part) throws {
        let name = part.place.name
        let candidate = ForwardGuard(
            part.filter, docker: leftovers.docker, others: leftovers.others(part.place.family),
            closed: leftovers.closed)
        let isAccepted = present.settings.acceptMark.map { candidate.acceptMarks.contains($0) } ?? false
        let own = present.pipeline.ruleset.scopes.filter { $0.families.contains(FamilySet(part.filter.family)) }
        // At its own hook `accept` is no more than that this table has no objection.
        var behind = own.first { $0.hook == .forward }?.acceptingNothing
        if behind == nil, let guarded = guards.first(where: { $0.family == part.filter.family }) {
            behind = try guarded.scope()
        }
        func question(_ scope: Scope?) -> OpenedTraffic {
            OpenedTraffic(
                part: part, policy: own.first { $0.hook == .containers }, behind: (behind, scope),
                apart: apart(part), accepts: isAccepted, budget: present.budget)
        }
        let open = try question(behind).answer()
        guard let open else {
            proofs.append("\(name): what the policy of FORWARD stops\(part.words) is stopped without it")
            return
        }
        if behind != nil { throw DiagnosticError.notTakenOver(part, open, hasRules: true) }
        if let open = try question(candidate.scope()).answer() {
            throw DiagnosticError.notTakenOver(part, open, hasRules: false)
        }
        guards.append(candidate)
        let besides = candidate.othersRules
        let rules =
            besides == 0 ? "" : ", but for what \(counted(besides, "rule")) of FORWARD decide\(besides == 1 ? "s" : "")"
        proofs.append(
            "\(name): what the policy of FORWARD stops\(part.words) is stopped by the table inet seawall\(rules)")
    }
}

extension ClosingPlan {
    /// What a proof is not about: where Docker's rules stand elsewhere, its traffic, which is theirs to judge; where they stand
    /// here, that of bridges of Docker's that are not there.
    fileprivate func apart(_ part: DockerLeftovers.Part) -> Scope {
        let others = leftovers.others(part.place.family)
        return ForwardGuard(
            variant: part.place.variant, family: part.place.family, docker: leftovers.docker,
            others: part.isLive ? others + leftovers.bridges : others, closed: leftovers.closed, text: ""
        ).dockersPass()
    }
}

extension ClosingPlan {
    /// The policy with what our table stops besides.
    ///
    /// - Throws: `DiagnosticError` of the kind `refused` if that has no exact form in nft.
    fileprivate func deployable(
        _ former: ReadyRecord, _ state: AppliedState, _ host: ManagedHost, _ watch: inout Stopwatch
    ) async throws -> Deployable {
        if guards.isEmpty { return present }
        do {
            return try await Deployable.stored(state, host.store, guards: former.guards + guards, &watch)
        } catch let error as DiagnosticError where error.outcome == .refused {
            throw DiagnosticError.notClosed(error)
        }
    }
}

/// Whether anything is open without the policy DROP of FORWARD that is closed with it.
private struct OpenedTraffic {
    let part: DockerLeftovers.Part
    let policy: Scope?
    /// What our table has at the priority of FORWARD, now and then.
    let behind: (now: Scope?, then: Scope?)
    /// Packets that are not asked about are through.
    let apart: Scope
    /// Whether a rule of FORWARD accepts what the policy accepts.
    let accepts: Bool
    let budget: Int

    /// A packet that is treated otherwise; nothing, if it is proved that there is none.
    func answer() throws -> OpenedPacket? {
        let before = try lists(part.filter, behind.now)
        let after = try lists(part.opened, behind.then)
        let family = part.filter.family
        switch ProveEquality.run(before, after, family: family, ProofOptions(strictness: .verdict, budget: budget)) {
        case .equal: return nil
        case .different(let found): return OpenedPacket(found)
        case .undecided(let reason): throw DiagnosticError.notProved("\(part.place.name): \(reason.text)", [])
        }
    }

    /// All that a packet has to pass, in order.
    private func lists(_ filter: IPTablesFilter, _ behind: Scope?) throws -> Scope {
        // Without a rule in FORWARD that accepts the mark, it decides nothing there.
        let policy = accepts ? policy : policy?.acceptingNothing
        let forward = try LiftedChain.scope(filter, from: "FORWARD")
        let all = [apart, policy, behind, forward].compactMap { $0 }
        return all.chained
    }
}

/// A packet that would be treated otherwise.
struct OpenedPacket {
    /// The packet in words.
    let text: String
    /// Whether it would be stopped, and passes now.
    let isStopped: Bool

    fileprivate init(_ found: Counterexample) {
        text = found.packet.sentence
        switch found.b.verdict {
        case .drop, .reject: isStopped = true
        default: isStopped = false
        }
    }
}

extension [Scope] {
    /// One list for all packets that pass each of them.
    fileprivate var chained: Scope {
        var rest = Array(self)
        guard var result = rest.popLast() else { return .passing(.forward, .both) }
        while let scope = rest.popLast() {
            result = scope.followed(by: result.renamed("\(rest.count) "))
        }
        return result
    }
}

extension Scope {
    /// The same where what is accepted goes on to the next list.
    fileprivate var acceptingNothing: Scope {
        var scope = self
        if scope.policy == .accept { scope.policy = .leave }
        for chain in scope.chains.indices {
            for rule in scope.chains[chain].rules.indices where scope.chains[chain].rules[rule].verdict == .accept {
                scope.chains[chain].rules[rule].verdict = .leave
            }
        }
        return scope
    }

    /// The same with other names of chains and rules.
    fileprivate func renamed(_ prefix: String) -> Scope {
        var scope = self
        scope.entry = prefix + entry
        scope.chains = chains.map { chain in
            Chain(
                name: prefix + chain.name,
                rules: chain.rules.map { rule in
                    var rule = rule
                    rule.id = prefix + rule.id
                    switch rule.verdict {
                    case .jump(let name): rule.verdict = .jump(prefix + name)
                    case .goto(let name): rule.verdict = .goto(prefix + name)
                    default: break
                    }
                    return rule
                })
        }
        return scope
    }
}

extension DockerLeftovers.Part {
    /// The table once the place is ready.
    fileprivate var opened: IPTablesFilter {
        var filter = filter
        for index in filter.table.chains.indices where filter.table.chains[index].name == "FORWARD" {
            filter.table.chains[index].policy = "ACCEPT"
        }
        return filter
    }

    /// Which packets a proof is about.
    fileprivate var words: String { isLive ? "" : " besides Docker's traffic" }
}
