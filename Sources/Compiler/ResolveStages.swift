internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

/// Low-level conditions up to and with the guards behind them: netfilter asks in the order written, and a guard counts
/// what it was asked about.
struct StageMatches {
    var conditions: [MatchNode] = []
    var opaque: [MatchNode] = []
    var guards: [MatchNode] = []
}

extension RuleNode {
    /// The low-level conditions, cut behind guards; at least one stage.
    var stages: [StageMatches] {
        var stages = [StageMatches()]
        for match in matches {
            if match.field == .then {
                stages.append(StageMatches())
                continue
            }
            if match.field.isGuard {
                stages[stages.count - 1].guards.append(match)
                continue
            }
            if !stages[stages.count - 1].guards.isEmpty { stages.append(StageMatches()) }
            if match.field.isOpaque {
                stages[stages.count - 1].opaque.append(match)
            } else {
                stages[stages.count - 1].conditions.append(match)
            }
        }
        return stages
    }
}

extension PolicyResolver {
    /// The boxes that low-level conditions make of one: several where one of them has alternatives.
    mutating func boxes(_ matches: [MatchNode], in box: Box, at location: NodeLocation) -> [Box] {
        var common = box
        var alternatives: [[[MatchNode]]] = []
        for match in matches {
            if case .alternatives(let lists) = match.values, match.field == .anyOf, match.isWellFormed {
                alternatives.append(lists)
            } else {
                narrow(&common, by: match, at: location)
            }
        }
        var boxes = [common]
        for lists in alternatives {
            let errors = diagnostics.count
            var next: [Box] = []
            for box in boxes {
                for list in lists { next += self.boxes(checked(list, at: location), in: box, at: location) }
                // What is wrong with a list is said once.
                guard diagnostics.count == errors else { return [] }
            }
            boxes = next
        }
        return boxes
    }

    /// A list of alternatives can hold what is asked of a packet alone.
    private mutating func checked(_ list: [MatchNode], at location: NodeLocation) -> [MatchNode] {
        if let wrong = list.first(where: { $0.field.isGuard || $0.field.isOpaque || $0.field == .then }) {
            report(
                "bad-match", at: location,
                "a condition on \(wrong.field.rawValue) stands in anyOf, where only fields of the packet can be asked: write two rules"
            )
        }
        return list
    }

    /// The conditions of a stage behind a guard.
    mutating func stage(_ matches: StageMatches, of node: RuleNode) -> RuleStage {
        let bare = RuleNode(at: node.location, node.verdict, isLowLevel: true)
        return RuleStage(
            condition: condition(of: bare, matches.conditions, in: blockBox, asksForProtocol: false),
            opaque: opaque(matches.opaque, at: node.location), guards: guards(matches.guards, at: node.location))
    }

    mutating func opaque(_ matches: [MatchNode], at location: NodeLocation) -> [OpaqueMatch] {
        matches.compactMap { match in
            guard match.isWellFormed else { return wrong(match, at: location) }
            switch match.values {
            case .names(let names):
                return names.first.flatMap { instant($0, at: location) }.map { .before(instant: $0) }
            case .module(let module):
                check(module, at: location)
                let opaque = OpaqueMatch.module(name: module.name, options: module.words)
                return match.isNegated ? .not(opaque) : opaque
            default: return nil
            }
        }
    }

    mutating func guards(_ matches: [MatchNode], at location: NodeLocation) -> [Guard] {
        matches.compactMap { match in
            guard match.isWellFormed else { return wrong(match, at: location) }
            switch match.values {
            case .rate(let rate, let isOver):
                guard var limit = limit(rate, at: location) else { return nil }
                limit.isOver = isOver
                return .limit(limit)
            case .bytes(let bytes): return .quota(bytes: bytes)
            case .module(let module):
                check(module, at: location)
                return .module(name: module.name, options: module.words)
            default: return nil
            }
        }
    }

    /// Reports what no listing of iptables could carry in the name or the options of a module.
    mutating func check(_ module: ModuleNode, at location: NodeLocation) {
        for text in [module.name] + module.words { check(text: text, called: "module", at: location) }
        if module.name.isEmpty { report("bad-match", at: location, "a module has no name") }
    }

    private mutating func wrong<T>(_ match: MatchNode, at location: NodeLocation) -> T? {
        report("bad-match", at: location, "the condition on \(match.field.rawValue) has values of the wrong kind")
        return nil
    }
}
