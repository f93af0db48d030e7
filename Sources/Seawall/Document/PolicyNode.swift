internal import JSONC
package import PacketModel

/// A file and line of the policy's source; the file is relative to the policy's folder.
package struct NodeLocation: Hashable, Sendable {
    /// The file.
    package var file: String
    /// The line, from 1.
    package var line: Int

    /// A location.
    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }
}

/// One element of a policy.
package indirect enum PolicyNode: Hashable, Sendable {
    case block(BlockNode)
    case chain(ChainNode)
    case scope(ScopeNode)
    case group(GroupNode)
    case rule(RuleNode)
    case expectation(ExpectationNode)
}

/// `Inbound`, `Outbound` or `Between`: which packets the rules in it judge.
package struct ScopeNode: Hashable, Sendable {
    /// The three forms.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Connections that enter at `inInterface`.
        case inbound
        /// Connections that leave at `outInterface`.
        case outbound
        /// Connections from the one to the other.
        case between
    }

    /// What becomes of packets of a special kind.
    package enum Treatment: String, Hashable, Sendable, CaseIterable {
        /// They are judged by the rules.
        case judge
        /// They leave the policy: Docker's rules decide.
        case pass
        /// They are dropped before the rules.
        case drop
    }

    package var id = ""
    package var location: NodeLocation
    package var kind: Kind
    package var inInterface: InterfaceExpression
    package var outInterface: InterfaceExpression
    package var from: AddressExpression
    package var related: Treatment
    package var invalid: Treatment
    package var untracked: Treatment
    package var direct: Treatment
    package var children: [PolicyNode]
}

/// A named group of rules or scopes.
package struct GroupNode: Hashable, Sendable {
    package var id = ""
    package var location: NodeLocation
    package var name: String
    package var children: [PolicyNode]
}

/// A protocol with what the client dialled.
package struct ServiceNode: Hashable, Sendable {
    /// `tcp`, `icmp`, `gre`, `47`.
    package var protocolName: String
    /// The ports that were dialled.
    package var ports: PortExpression
    /// Type and code of ICMP or ICMPv6, as written; the code is `nil` for any.
    package var icmp: ICMPNode?

    /// A service.
    package init(protocolName: String, ports: PortExpression = .any, icmp: ICMPNode? = nil) {
        self.protocolName = protocolName
        self.ports = ports
        self.icmp = icmp
    }
}

/// Type and code of an ICMP message, as written.
package struct ICMPNode: Hashable, Sendable {
    package var type: Int
    package var code: Int?

    /// A type with its code.
    package init(type: Int, code: Int?) {
        self.type = type
        self.code = code
    }
}

/// A number of packets in a unit of time, and how many may come at once before it counts.
package struct RateNode: Hashable, Sendable {
    package var count: Int
    package var unit: String
    package var burst: Int?

    /// A rate.
    package init(count: Int, unit: String, burst: Int? = nil) {
        self.count = count
        self.unit = unit
        self.burst = burst
    }
}

/// A log line.
package struct LogNode: Hashable, Sendable {
    package var prefix: String
    package var level: String
    /// What the line says besides: `tcp-options`, `uid`.
    package var flags: [String]
    package var limit: RateNode?

    /// A log line.
    package init(prefix: String, level: String, flags: [String] = [], limit: RateNode?) {
        self.prefix = prefix
        self.level = level
        self.flags = flags
        self.limit = limit
    }
}

/// A rule: conditions that hold together, and a verdict.
package struct RuleNode: Hashable, Sendable {
    package var id = ""
    package var location: NodeLocation
    package var verdict: VerdictNode
    /// Any of these; none stands for all traffic.
    package var services: [ServiceNode] = []
    package var from: AddressExpression = .any
    package var to: AddressExpression = .any
    package var containerPort: PortExpression = .any
    package var containerAddress: AddressExpression = .any
    package var matches: [MatchNode] = []
    package var limit: RateNode?
    package var log: LogNode?
    /// What is done besides, behind the log line, in order.
    package var effects: [EffectNode] = []
    package var comment: String?
    package var until: String?
    /// What `check` does not say of the rule.
    package var allowedLints: [PolicyLint] = []
    /// `Default`: nothing but the scope is asked.
    package var isDefault = false
    /// `Rule`: may stand outside of a scope, where it sees all packets.
    package var isLowLevel = false
}

extension ScopeNode {
    /// A scope that treats all packets in the usual way.
    package init(
        at location: NodeLocation, _ kind: Kind, in inInterface: InterfaceExpression = .any,
        out outInterface: InterfaceExpression = .any, from: AddressExpression = .any, children: [PolicyNode]
    ) {
        self.init(
            location: location, kind: kind, inInterface: inInterface, outInterface: outInterface, from: from,
            related: .pass, invalid: .judge, untracked: .judge, direct: .judge, children: children)
    }
}

extension GroupNode {
    /// A group.
    package init(at location: NodeLocation, _ name: String, children: [PolicyNode]) {
        self.init(location: location, name: name, children: children)
    }
}

extension RuleNode {
    /// A rule with a verdict, and nothing that is asked.
    package init(at location: NodeLocation, _ verdict: VerdictNode, isLowLevel: Bool = false) {
        self.init(location: location, verdict: verdict, isLowLevel: isLowLevel)
    }
}
