public import PacketModel

/// A rule of a policy, with what can be added to each: a comment, a log line, a rate, an end.
public struct PolicyRule: RuleComponent, Hashable, Sendable {
    package var node: RuleNode

    package init(_ node: RuleNode) { self.node = node }

    /// Itself.
    public var rule: PolicyRule { self }
}

/// Something that is one rule.
public protocol RuleComponent: PolicyComponent {
    /// The rule.
    var rule: PolicyRule { get }
}

extension RuleComponent {
    /// The rule as content.
    public var content: PolicyContent { PolicyContent([.rule(rule.node)]) }

    /// Says why the rule is there; carried into the rules of both backends, behind the rule's identifier.
    public func comment(_ text: String) -> PolicyRule { changed { $0.comment = text } }

    /// Logs each packet that the rule matches, before its verdict.
    ///
    /// - Parameters:
    ///   - prefix: what the line begins with: 29 bytes at most under iptables, 127 under nft.
    ///   - level: the syslog level.
    ///   - limit: how often to log at most; the verdict holds for all packets.
    /// - Returns: the rule with its log line.
    public func log(prefix: String = "seawall: ", level: LogLevel = .warning, limit: Rate? = nil) -> PolicyRule {
        log(LogNode(prefix: prefix, level: level.rawValue, limit: limit?.node))
    }

    /// Logs each packet that the rule matches, with more on the line.
    ///
    /// - Parameters:
    ///   - prefix: what the line begins with: 29 bytes at most under iptables, 127 under nft.
    ///   - level: the syslog level.
    ///   - flags: what the line says besides.
    /// - Returns: the rule with its log line.
    public func log(prefix: String, level: LogLevel = .warning, flags: LogDetail...) -> PolicyRule {
        log(LogNode(prefix: prefix, level: level.rawValue, flags: flags.map(\.rawValue), limit: nil))
    }

    /// Restricts the rule to packets within a rate; those beyond it go on to the next rule.
    ///
    /// Each family has a rate of its own.
    public func limit(_ rate: Rate) -> PolicyRule { changed { $0.limit = rate.node } }

    /// The last day on which the rule holds, in UTC (`2027-01-31`), or the instant at which it ends (`2027-01-31T18:00:00Z`).
    ///
    /// The kernel itself ends the rule: nothing has to be applied again.
    public func until(_ date: String) -> PolicyRule { changed { $0.until = date } }

    /// Accepts a finding of `seawall check` for this rule: it is meant so.
    ///
    /// - Parameter lints: the findings; say why in a comment in the source.
    /// - Returns: the rule, about which `check` does not say these things.
    public func lint(allow lints: PolicyLint...) -> PolicyRule { changed { $0.allowedLints += lints } }

    /// A rule of netfilter's own may do several things, one after the other; any other has one log line.
    private func log(_ line: LogNode) -> PolicyRule {
        changed {
            if $0.isLowLevel && ($0.log != nil || !$0.effects.isEmpty) && line.limit == nil {
                $0.effects.append(.log(line))
            } else {
                $0.log = line
            }
        }
    }

    func changed(_ change: (inout RuleNode) -> Void) -> PolicyRule {
        var copy = rule
        change(&copy.node)
        return copy
    }
}
