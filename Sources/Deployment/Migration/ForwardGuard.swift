package import Diagnostics
package import FirewallIR
internal import IPTablesBackend
package import PacketModel

/// What a policy DROP of FORWARD stops besides Docker's traffic, as rules of our own table: so that it is stopped once the
/// policy is ACCEPT.
///
/// Packets that enter or leave at an interface of Docker's are Docker's to judge. Of all others those are stopped that no rule
/// of FORWARD decides; what these decide is left to them.
package struct ForwardGuard: Hashable, Sendable {
    /// The variant whose policy it stands for.
    package var variant: IPTablesVariant
    /// The family.
    package var family: AddressFamily
    /// The interfaces that are Docker's: names, and beginnings with `*`.
    package var docker: [String]
    /// Interfaces that these mean as well, and that are not Docker's.
    package var others: [String]
    /// Bridges of Docker's that nothing enters or leaves (`--internal`).
    package var closed: [String]
    /// The marks that rules of `DOCKER-USER` and of Docker's accept, whatever the interfaces: `VALUE/MASK`.
    package var acceptMarks: [String]
    /// FORWARD and what it leads to, without what is Docker's, for `iptables-restore`.
    package var text: String

    /// A guard.
    package init(
        variant: IPTablesVariant, family: AddressFamily, docker: [String], others: [String], closed: [String] = [],
        acceptMarks: [String] = [], text: String
    ) {
        self.variant = variant
        self.family = family
        self.docker = docker
        self.others = others
        self.closed = closed
        self.acceptMarks = acceptMarks
        self.text = text
    }

    /// The guard for a table whose FORWARD has the policy DROP.
    package init(
        _ filter: IPTablesFilter, docker: [String], others: [String], closed: [String]
    ) {
        self.init(
            variant: filter.variant, family: filter.family, docker: docker, others: others, closed: closed,
            acceptMarks: Self.acceptMarks(filter.table), text: Self.text(filter.table))
    }

    /// How many rules of others it passes on to.
    package var othersRules: Int { text.split(separator: "\n").count { $0.hasPrefix("-A ") } }
}

// MARK: - The rules of others in FORWARD

extension ForwardGuard {
    private static func text(_ table: SaveTable) -> String {
        var table = table
        for index in table.chains.indices where table.chains[index].name == ReadiedPlace.forward {
            table.chains[index].rules.removeAll { $0.target.map { isDockers($0.name) } ?? true }
        }
        let chains = table.reached(from: ReadiedPlace.forward)
        let lines =
            ["*filter"] + chains.map { IPTablesLine.chain($0.name).text }
            + chains.flatMap { chain in
                chain.rules.map { IPTablesLine.appendWords(chain.name, words: $0.words).text }
            }
        return (lines + ["COMMIT", ""]).joined(separator: "\n")
    }

    private static func acceptMarks(_ table: SaveTable) -> [String] {
        table.reached(from: ReadiedPlace.forward).filter { isDockers($0.name) }.flatMap(\.rules).compactMap { rule in
            rule.words.count == 6 && rule.words.prefix(3) == ["-m", "mark", "--mark"] && rule.target?.name == "ACCEPT"
                ? rule.words[3] : nil
        }
    }

    /// Whether a chain is one of Docker's own, by its name.
    static func isDockers(_ chain: String) -> Bool { chain == "DOCKER" || chain.hasPrefix("DOCKER-") }

    private func lifted() throws(DiagnosticError) -> Scope? {
        let table: SaveTable
        do throws(SaveListingError) {
            table = try SaveListing.parse(Array(text.utf8)).table("filter") ?? SaveTable(name: "filter")
        } catch {
            throw DiagnosticError.unreadableListing(variant.saveTool(family), "\(error)")
        }
        let lift = LiftFromIPTables.liftChain(
            table.filterTable(table.chains, family: family), from: ReadiedPlace.forward)
        guard lift.refusals.isEmpty else {
            throw DiagnosticError(
                .refused,
                lift.refusals.map {
                    Diagnostic(
                        "docker-nft-not-closed", .error, at: nil,
                        "\(variant.name(family)): the meaning of a rule of FORWARD is not known: -A \($0.chain) \($0.text): \($0.reason)"
                    )
                })
        }
        return lift.scopes.first
    }
}

// MARK: - As rules of the IR

extension ForwardGuard {
    /// The rules: a scope of the whole forward hook, at the priority `filter`.
    ///
    /// - Throws: `DiagnosticError` of the kind `refused` if the meaning of a rule of FORWARD is not known.
    package func scope() throws(DiagnosticError) -> Scope {
        var chains = [entryChain(.leave)] + outChains(.leave)
        chains += try lifted().map { decided($0) } ?? [Chain(name: name("rest"), rules: [])]
        return Scope(
            hook: .forward, families: FamilySet(family), entry: name("in"), chains: chains, policy: .drop)
    }

    /// Packets that are Docker's, by the interfaces, are through, and all others go on: so a proof may be about these alone.
    package func dockersPass() -> Scope {
        let end = FirewallRule(id: id("end"), origin: origin, condition: [box], verdict: .leave)
        return Scope(
            hook: .forward, families: FamilySet(family), entry: name("in"),
            chains: [entryChain(.accept)] + outChains(.accept) + [Chain(name: name("rest"), rules: [end])])
    }

    /// By the incoming interface.
    ///
    /// What leaves a bridge that nothing leaves is judged like what is not Docker's.
    private func entryChain(_ verdict: Verdict) -> Chain {
        var rules: [FirewallRule] = []
        if !others.isEmpty { rules.append(rule("in-others", incoming: others, .goto(name("out")))) }
        if !closed.isEmpty { rules.append(rule("in-closed", incoming: closed, .goto(name("out-of")))) }
        rules.append(rule("in-docker", incoming: docker, verdict))
        return Chain(name: name("in"), rules: rules + [rule("in-rest", .goto(name("out")))])
    }

    /// By the outgoing interface.
    ///
    /// What enters a bridge that nothing enters is judged likewise; but answers pass, as Docker has it.
    private func outChains(_ verdict: Verdict) -> [Chain] {
        func chain(_ word: String, _ first: [FirewallRule]) -> Chain {
            var rules: [FirewallRule] = []
            if !others.isEmpty { rules.append(rule("\(word)-others", outgoing: others, .goto(name("rest")))) }
            rules += first + [rule("\(word)-docker", outgoing: docker, verdict)]
            return Chain(name: name(word), rules: rules + [rule("\(word)-rest", .goto(name("rest")))])
        }
        if closed.isEmpty { return [chain("out", [])] }
        var entering = rule("out-closed", outgoing: closed, .goto(name("rest")))
        entering.condition[0].state = [.new, .invalid, .untracked]
        return [chain("out", [entering]), chain("out-of", [])]
    }

    /// FORWARD's rules, of which each that decides lets the packet pass: what becomes of it they say themselves.
    private func decided(_ scope: Scope) -> [Chain] {
        var count = 0
        return scope.chains.map { chain in
            let isEntry = chain.name == scope.entry
            var rules: [FirewallRule] = isEntry ? markRules : []
            for var rule in chain.rules where rule.verdict != .next {
                count += 1
                rule.id = id("\(count)")
                rule.effects = []
                rule.comment = nil
                switch rule.verdict {
                case .accept, .drop, .reject, .queue, .leave: rule.verdict = .leave
                case .jump(let target): rule.verdict = .jump(name(target, besides: scope))
                case .goto(let target): rule.verdict = .goto(name(target, besides: scope))
                case .return, .next: break
                }
                rules.append(rule)
            }
            return Chain(name: name(chain.name, besides: scope), rules: rules)
        }
    }

    private var markRules: [FirewallRule] {
        acceptMarks.enumerated().compactMap { index, text in
            let parts = text.split(separator: "/").map { UInt32($0.dropFirst(2), radix: 16) }
            guard let first = parts.first, let value = first, let mask = parts.count > 1 ? parts[1] : .max else {
                return nil
            }
            var marked = box
            marked.mark = [MaskedTest(mask: mask, value: value)]
            return FirewallRule(id: id("mark-\(index + 1)"), origin: origin, condition: [marked], verdict: .leave)
        }
    }

    // MARK: - Names

    private func name(_ word: String) -> String { "forward-\(family.rawValue)-\(word)" }

    private func name(_ chain: String, besides scope: Scope) -> String {
        chain == scope.entry ? name("rest") : name("rest-\(chain)")
    }

    private func id(_ word: String) -> String { "forward-\(family.rawValue)-\(word)" }
    private var origin: SourceLocation { SourceLocation(file: "FORWARD of \(variant.name(family))") }
    private var box: Box {
        var box = Box()
        box.families = FamilySet(family)
        return box
    }

    private func rule(
        _ word: String, incoming: [String]? = nil, outgoing: [String]? = nil, _ verdict: Verdict
    ) -> FirewallRule {
        var box = box
        if let incoming { box.inInterface = Self.interfaces(incoming) }
        if let outgoing { box.outInterface = Self.interfaces(outgoing) }
        return FirewallRule(id: id(word), origin: origin, condition: [box], verdict: verdict)
    }

    private static func interfaces(_ names: [String]) -> InterfaceSet {
        InterfaceSet(names.compactMap { try? InterfacePattern(text: $0) })
    }
}
