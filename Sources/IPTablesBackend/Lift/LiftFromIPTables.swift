package import Diagnostics
package import FirewallIR
internal import PacketModel

/// Reads rules of iptables back into the intermediate representation: `IPTablesProgram -> Scope`.
///
/// Each match is taken as the kernel evaluates it, each rule stands by itself, and chains keep their names. What is not
/// known exactly is refused by name; nothing is passed over.
package enum LiftFromIPTables {
    /// The scope that a program is, whose first chain is `DOCKER-USER`.
    ///
    /// - Parameters:
    ///   - program: the rules of one family.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    /// - Returns: a scope for the program's family.
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule whose meaning is not known.
    package static func lift(
        _ program: IPTablesProgram, origins: [String: SourceLocation] = [:]
    ) throws(DiagnosticError) -> Scope {
        let entry = IPTablesChain(name: IPTablesNames.dockerUser, rules: program.entry)
        var lifting = ChainLifting(program, origins)
        let chains = ([entry] + program.chains).map { lifting.lift($0) }
        guard lifting.refusals.isEmpty else { throw DiagnosticError(.refused, lifting.refusals) }
        return Scope(
            hook: .containers, families: FamilySet(program.family), entry: IPTablesNames.dockerUser, chains: chains)
    }
}

/// Lifts chain by chain, and keeps what was refused.
private struct ChainLifting {
    private(set) var refusals: [Diagnostic] = []
    private let family: AddressFamily
    private let chainNames: Set<String>
    private var names: LiftedRuleNames

    init(_ program: IPTablesProgram, _ origins: [String: SourceLocation]) {
        family = program.family
        chainNames = Set(program.chains.map(\.name))
        names = LiftedRuleNames(prefix: IPTablesNames.commentPrefix, origins: origins)
    }

    mutating func lift(_ chain: IPTablesChain) -> Chain {
        var rules: [FirewallRule] = []
        rules.reserveCapacity(chain.rules.count)
        for (index, rule) in chain.rules.enumerated() {
            let name = names.name(comment: rule.comment, chain: chain.name, position: index + 1)
            do {
                rules.append(try lift(rule, name))
            } catch {
                refusals.append(error.diagnostic("iptables", at: name.origin, rule: String(rule.text.dropFirst())))
            }
        }
        return Chain(name: chain.name, rules: rules)
    }

    private func lift(_ rule: IPTablesRule, _ name: LiftedRuleNames.Name) throws(LiftRefusal) -> FirewallRule {
        var lifting = RuleLifting(family: family)
        for match in rule.matches { try lifting.add(match) }
        let (effects, verdict) = try lift(rule.target)
        let boxes = lifting.boxes.map(\.withConsistentConntrack).filter { !$0.isEmpty }
        if verdict == .reject(.tcpReset), boxes.contains(where: { $0.protocols?.single != IPProtocol.tcp.rawValue }) {
            throw LiftRefusal("a TCP reset without '-p tcp'")
        }
        return FirewallRule(
            id: name.id, origin: name.origin, condition: boxes, opaque: lifting.opaque, guards: lifting.guards,
            effects: effects, verdict: verdict, comment: name.comment)
    }

    private func lift(_ target: IPTablesTarget?) throws(LiftRefusal) -> ([Effect], Verdict) {
        switch target {
        case nil: return ([], .next)
        case .accept: return ([], .accept)
        case .drop: return ([], .drop)
        case .return: return ([], .return)
        case .reject(let word):
            guard let kind = RejectKind(name: word, in: family) else {
                throw LiftRefusal("the answer '\(word)' is not known")
            }
            return ([], .reject(kind))
        case .log(let log):
            guard let level = LogLevel.allCases.first(where: { $0.number == log.level }) else {
                throw LiftRefusal("there is no log level \(log.level)")
            }
            return ([.log(prefix: log.prefix, level: level)], .next)
        case .setMark(let value, let mask):
            return ([.setMark(value: value, mask: mask)], .next)
        case .netlinkLog, .connectionMark, .queue, .module:
            throw LiftRefusal("'\(target?.text ?? "")' is not known")
        case .jump(let chain): return ([], .jump(try known(chain)))
        case .goto(let chain): return ([], .goto(try known(chain)))
        }
    }

    private func known(_ chain: String) throws(LiftRefusal) -> String {
        guard chainNames.contains(chain) else { throw LiftRefusal("the rules of the chain '\(chain)' are not there") }
        return chain
    }
}

extension IPTablesRule {
    /// The texts of its comments, one behind the other.
    fileprivate var comment: String? {
        let texts = matches.compactMap { if case .comment(let text) = $0 { text } else { nil } }
        return texts.count > 1 ? texts.joined(separator: " ") : texts.first
    }
}
