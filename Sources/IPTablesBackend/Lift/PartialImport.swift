package import Diagnostics
package import FirewallIR
internal import PacketModel

/// A part of a chain that can be moved to another engine, which is asked before iptables: the two together treat every
/// packet as the whole chain does.
package struct PartialImport: Hashable, Sendable {
    /// The part that moves: one scope, whose policy is to leave; what it does not stop, iptables is asked about.
    package var scope: Scope
    /// The rules that have to stay on iptables, in the order of the table.
    package var staying: [StayingRule]
    /// The places of the rules that iptables no longer needs.
    package var moved: [SourceLocation]
}

/// A rule that stays on iptables.
package struct StayingRule: Hashable, Sendable {
    /// The chain in which it stands.
    package var chain: String
    /// Its place in the chain, from 1.
    package var position: Int
    /// Where it stands in the file.
    package var location: SourceLocation
    /// The rule, without `-A CHAIN`.
    package var text: String
    /// Why it stays.
    package var reason: String
}

extension LiftFromIPTables {
    /// The largest part of a chain that can be moved while the rest stays: of its rules, those before the first that is not
    /// supported.
    ///
    /// What moves is asked first. So the rules that stop a packet, or log it, move; rules that hand it on are in both
    /// places, since they also decide that later rules of iptables are not asked; and what may be done only once (a mark, a
    /// limit on what is handed on) ends the part that moves.
    ///
    /// - Parameters:
    ///   - table: what was read.
    ///   - chain: the chain that is asked first: `DOCKER-USER`, or a built-in one.
    ///   - file: the name of the text, for the places of rules.
    ///   - others: the chains that have to stay as they are, and whose they are.
    ///   - passesOver: whether rules behind one that stays, and that at most stops packets, move all the same: a packet has
    ///     to pass both parts, and the order in which they are asked makes no difference to that.
    ///   - unsupported: why a rule cannot move although its meaning is known; `nil` if it can.
    /// - Returns: both parts; the one that moves may be without rules.
    /// - Throws: `DiagnosticError` of the kind `unreadable` if the table has no such chain.
    package static func liftMovable(
        _ table: FilterTable, chain: String, file: String, others: [String: String] = [:],
        passesOver: Bool = false, unsupported: (FirewallRule) -> String? = { _ in nil }
    ) throws(DiagnosticError) -> PartialImport {
        _ = try table.entries(.named(chain), file: file)
        var lifting = TableLifting(table, file: file)
        lifting.liftReached(from: chain)
        return ChainSplit(lifting, entry: chain, passesOver: passesOver, others, unsupported).result
    }
}

/// The cut through a chain.
private struct ChainSplit {
    private let lifting: TableLifting
    private let entry: String
    private let rules: [String: [FirewallRule?]]
    private let reasons: [String: [Int: String]]
    private let passesOver: Bool
    /// Chains of others that may let packets through one day, whatever they do now.
    private var permitting: Set<String> = []
    /// Chains with a guard that rules that stay lead to as well: one guard cannot count in two engines.
    private var shared: Set<String> = []
    /// What becomes of each of the first rules.
    private var fates: [Fate] = []
    /// Why the next one ends the part.
    private var end = ""

    private enum Fate {
        case moves
        /// The rule is in both places.
        case both(String)
        /// The rule stays alone.
        case stays(String)

        /// Whether the other engine has no part in it.
        var isAlone: Bool { if case .stays = self { true } else { false } }
    }

    init(
        _ lifting: TableLifting, entry: String, passesOver: Bool, _ others: [String: String],
        _ unsupported: (FirewallRule) -> String?
    ) {
        self.lifting = lifting
        self.entry = entry
        self.passesOver = passesOver
        var rules: [String: [FirewallRule?]] = [:]
        var reasons: [String: [Int: String]] = [:]
        for name in lifting.reached(from: entry) {
            rules[name] = lifting.rules(of: name)
            for (index, rule) in lifting.rules(of: name).enumerated() {
                if let rule, let reason = unsupported(rule) { reasons[name, default: [:]][index] = reason }
                guard let target = lifting.table.chain(name)?.rules[index].target, let owner = others[target] else {
                    continue
                }
                if !OthersChains.onlyStop(owner) { permitting.insert(target) }
                reasons[name, default: [:]][index] =
                    "the chain '\(target)' is \(owner)'s, which fills it again and again"
            }
        }
        for refusal in lifting.refusals {
            let all = lifting.table.chain(refusal.chain)?.rules ?? []
            for index in all.indices where lifting.place(refusal.chain, index, all[index]) == refusal.location {
                reasons[refusal.chain, default: [:]][index] = refusal.reason
            }
        }
        self.rules = rules
        self.reasons = reasons
        cut()
        while let chain = guardedTwice {
            shared.insert(chain)
            cut()
        }
    }

    // MARK: - The cut

    private mutating func cut() {
        fates = []
        end = ""
        var hasPassedOver = false
        for (index, rule) in (rules[entry] ?? []).enumerated() {
            switch fate(index, rule) {
            case .success(.moves) where hasPassedOver && asksGuards(rule):
                end = "its limit would count packets that a rule before it stops"
                return
            case .success(let fate): fates.append(fate)
            case .failure(let refusal) where passesOver && onlyStops(rule):
                fates.append(.stays(refusal.reason))
                hasPassedOver = true
            case .failure(let refusal):
                end = refusal.reason
                return
            }
        }
    }

    private func fate(_ index: Int, _ rule: FirewallRule?) -> Result<Fate, LiftRefusal> {
        if let reason = reasons[entry]?[index] { return .failure(LiftRefusal(reason)) }
        guard let rule else { return .failure(LiftRefusal("its meaning is not known")) }
        if rule.allGuards.contains(where: \.isModule) {
            return .failure(LiftRefusal("it keeps a list that other rules may ask"))
        }
        if rule.effects.contains(where: { !$0.isRecord }) {
            return .failure(LiftRefusal("it changes what later rules ask for"))
        }
        switch rule.verdict {
        case .drop, .reject: return .success(.moves)
        case .next:
            return rule.allGuards.isEmpty && rule.effects.allSatisfy { $0 == .count }
                ? .success(.stays("it only counts")) : .success(.moves)
        case .jump(let target), .goto(let target): return fate(rule, to: target)
        case .leave, .accept, .return, .queue:
            return rule.allGuards.isEmpty
                ? .success(.both("it decides that later rules are not asked"))
                : .failure(LiftRefusal("its limit would be asked twice"))
        }
    }

    private func fate(_ rule: FirewallRule, to target: String) -> Result<Fate, LiftRefusal> {
        let reached = lifting.reached(from: target)
        if let chain = reached.first(where: { reasons[$0] != nil }) {
            return .failure(LiftRefusal("it leads to a rule of the chain '\(chain)' that stays"))
        }
        let all = reached.flatMap { (rules[$0] ?? []).compactMap { $0 } }
        if all.contains(where: { $0.allGuards.contains(where: \.isModule) }) {
            return .failure(LiftRefusal("the chain '\(target)' keeps a list that other rules may ask"))
        }
        if let chain = reached.first(where: { shared.contains($0) }) {
            return .failure(LiftRefusal("rules that stay lead to the chain '\(chain)' with a limit as well"))
        }
        if isEnd(target) { return .success(.moves) }
        if !rule.allGuards.isEmpty { return .failure(LiftRefusal("its limit would be asked twice")) }
        if all.contains(where: { !$0.allGuards.isEmpty || $0.effects.contains { $0 != .count } }) {
            return .failure(LiftRefusal("what the chain '\(target)' does besides would be done twice"))
        }
        return .success(.both("its chain may decide that later rules are not asked"))
    }

    /// Whether a rule, with all that it leads to, stops packets or lets the next rule be asked, and keeps no state: then it
    /// makes no difference whether rules behind it are asked before it.
    private func onlyStops(_ rule: FirewallRule?) -> Bool {
        guard let rule, isStateless(rule) else { return false }
        switch rule.verdict {
        case .drop, .reject, .next: return true
        case .jump(let target):
            return lifting.reached(from: target).allSatisfy { name in
                !permitting.contains(name)
                    && (rules[name] ?? []).allSatisfy { rule in
                        guard let rule, isStateless(rule) else { return false }
                        switch rule.verdict {
                        case .drop, .reject, .next, .jump, .goto, .return: return true
                        case .leave, .accept, .queue: return false
                        }
                    }
            }
        case .leave, .accept, .queue, .goto, .return: return false
        }
    }

    /// Whether a rule, or one that it leads to, has a guard.
    private func asksGuards(_ rule: FirewallRule?) -> Bool {
        guard let rule else { return false }
        let behind = rule.verdict.target.map { lifting.reached(from: $0) } ?? []
        return !rule.allGuards.isEmpty
            || behind.contains { name in
                (rules[name] ?? []).contains { $0?.allGuards.isEmpty == false }
            }
    }

    private func isStateless(_ rule: FirewallRule) -> Bool {
        rule.allGuards.isEmpty && rule.effects.allSatisfy(\.isRecord)
    }

    /// Whether every packet that comes into a chain is stopped there, or in a chain behind it.
    private func isEnd(_ chain: String) -> Bool {
        for rule in (rules[chain] ?? []).compactMap({ $0 }) {
            switch rule.verdict {
            case .next: continue
            case .drop, .reject: if rule.isForAll { return true }
            case .jump(let name), .goto(let name):
                guard isEnd(name) else { return false }
                if rule.isForAll { return true }
            case .leave, .accept, .return, .queue: return false
            }
        }
        return false
    }

    /// A chain with a guard to which both parts lead.
    private var guardedTwice: String? {
        let moving = reached(from: movedTargets)
        let remaining = remainingChains(moving)
        return moving.intersection(remaining).sorted().first { name in
            (rules[name] ?? []).contains { $0?.allGuards.isEmpty == false }
        }
    }

    private func reached(from names: [String]) -> Set<String> {
        names.reduce(into: []) { $0.formUnion(lifting.reached(from: $1)) }
    }

    /// The chains that rules which move lead to.
    private var movedTargets: [String] {
        zip(rules[entry] ?? [], fates).compactMap { rule, fate in
            if case .moves = fate { rule?.verdict.target } else { nil }
        }
    }

    /// The chains that anything else leads to: the rest of the chain, and all chains that are reached in other ways.
    private func remainingChains(_ moving: Set<String>) -> Set<String> {
        let all = lifting.table.chains.filter { $0.name != entry && !moving.contains($0.name) }
        return reached(from: stayingTargets + all.flatMap(\.rules).compactMap(\.target))
    }

    private var stayingTargets: [String] {
        (lifting.table.chain(entry)?.rules ?? []).enumerated().compactMap { index, rule in
            if index < fates.count, case .moves = fates[index] { nil } else { rule.target }
        }
    }

    // MARK: - Both parts

    var result: PartialImport {
        var first: [FirewallRule] = []
        for (rule, fate) in zip(rules[entry] ?? [], fates) {
            if let rule, !fate.isAlone { first.append(rule.handingOn) }
        }
        let behind = reached(from: first.compactMap(\.verdict.target))
        let others = lifting.table.chains.map(\.name).filter { behind.contains($0) }
        let chains =
            [Chain(name: entry, rules: first)]
            + others.map { Chain(name: $0, rules: (rules[$0] ?? []).compactMap { $0?.handingOn }) }
        let scope = Scope(
            hook: IPTablesNames.hook(of: entry), families: FamilySet(lifting.table.family), entry: entry,
            chains: chains)
        return PartialImport(scope: scope, staying: staying, moved: moved)
    }

    private var staying: [StayingRule] {
        let kept = reached(from: stayingTargets)
        return lifting.table.chains.flatMap { chain in
            chain.rules.enumerated().compactMap { index, rule -> StayingRule? in
                guard let reason = reason(chain.name, index, kept) else { return nil }
                return StayingRule(
                    chain: chain.name, position: index + 1, location: lifting.place(chain.name, index, rule),
                    text: rule.text, reason: reason)
            }
        }
    }

    /// Why a rule stays; `nil` if it does not, or is not reached from the chain at all.
    private func reason(_ chain: String, _ index: Int, _ kept: Set<String>) -> String? {
        guard chain == entry else {
            return kept.contains(chain) ? reasons[chain]?[index] ?? "a rule that stays leads to its chain" : nil
        }
        guard index < fates.count else {
            return index == fates.count ? end : reasons[chain]?[index] ?? "it stands behind a rule that cannot move"
        }
        switch fates[index] {
        case .moves: return nil
        case .both(let reason):
            // Behind the last rule that stays there is nothing to be kept from.
            return passesOver && isLast(index) ? nil : reason
        case .stays(let reason): return reason
        }
    }

    /// Whether a rule hands packets on to nothing that stays: it only leaves, and no rule that stays stands behind it.
    private func isLast(_ index: Int) -> Bool {
        let all = rules[entry] ?? []
        guard fates.count == all.count, all[index]?.verdict == .leave || all[index]?.verdict == .return else {
            return false
        }
        return !fates[(index + 1)...].contains(where: \.isAlone)
    }

    private var moved: [SourceLocation] {
        let kept = reached(from: stayingTargets)
        let gone = reached(from: movedTargets).subtracting(kept)
        return lifting.table.chains.flatMap { chain in
            chain.rules.enumerated().compactMap { index, rule in
                let isMoved = chain.name == entry ? reason(entry, index, kept) == nil : gone.contains(chain.name)
                return isMoved ? lifting.place(chain.name, index, rule) : nil
            }
        }
    }
}

extension FirewallRule {
    /// The rule where iptables is asked behind it: what lets a packet through only leaves.
    fileprivate var handingOn: FirewallRule {
        var rule = self
        switch verdict {
        case .accept, .queue: rule.verdict = .leave
        default: break
        }
        return rule
    }

    /// Whether it asks nothing of a packet of its family.
    fileprivate var isForAll: Bool {
        opaque.isEmpty && allGuards.isEmpty && stages.isEmpty
            && condition.contains { box in
                var all = Box()
                all.families = box.families
                return box == all
            }
    }
}

extension Guard {
    fileprivate var isModule: Bool { if case .module = self { true } else { false } }
}

extension Effect {
    /// Whether it only writes something down.
    fileprivate var isRecord: Bool {
        switch self {
        case .log, .netlinkLog, .count: true
        case .setMark, .connectionMark, .module: false
        }
    }
}
