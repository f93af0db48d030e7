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

/// What becomes of a packet that a rule matches.
package enum VerdictNode: Hashable, Sendable {
    /// Hands the packet on to Docker's own rules.
    case allow
    /// Ends the evaluation of the table.
    case accept
    case drop
    case reject(String)
    /// None: the next rule is asked, too.
    case log

    static let names: [(VerdictNode, String)] = [
        (.allow, "allow"), (.accept, "accept"), (.drop, "drop"), (.log, "log"),
    ]

    var json: JSONValue {
        if case .reject(let kind) = self { return ["reject": .string(kind)] }
        return .string(Self.names.first { $0.0 == self }?.1 ?? "")
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        if case .object = json {
            var reader = try JSONObjectReader(json, path: path)
            self = .reject(try reader.string("reject"))
            try reader.finish()
            return
        }
        let name = try JSONObjectReader.string(json, path: path)
        guard let row = Self.names.first(where: { $0.1 == name }) else {
            throw JSONError(at: .path(path), "expected allow, accept, drop, log or {\"reject\": …}, found '\(name)'")
        }
        self = row.0
    }
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
}

/// A log line.
package struct LogNode: Hashable, Sendable {
    package var prefix: String
    package var level: String
    package var limit: RateNode?

    /// A log line.
    package init(prefix: String, level: String, limit: RateNode?) {
        self.prefix = prefix
        self.level = level
        self.limit = limit
    }
}

/// One low-level condition: a field of the packet, and the values that it may have.
package struct MatchNode: Hashable, Sendable {
    /// The values as written.
    package enum Values: Hashable, Sendable {
        case addresses(AddressExpression)
        case ports(PortExpression)
        case interfaces(InterfaceExpression)
        case names([String])
        /// Of the bits in the mask exactly those in the value are set.
        case masked(mask: UInt32, value: UInt32)
    }

    package var field: MatchField
    package var values: Values
    /// The field is there, and has none of the values.
    package var isNegated = false
    /// For address types: whether the interface of the packet counts (`in`, `out`).
    package var interface: String?
}

/// The fields of a packet that a low-level condition can name.
package enum MatchField: String, Hashable, Sendable, CaseIterable {
    case family
    case inInterface = "in-interface"
    case outInterface = "out-interface"
    case source
    case destination
    case proto = "protocol"
    case sourcePort = "source-port"
    case destinationPort = "destination-port"
    case icmpType = "icmp-type"
    case icmpv6Type = "icmpv6-type"
    case tcpFlags = "tcp-flags"
    case fragment
    case state
    case direction
    case status
    case originalSource = "original-source"
    case originalDestination = "original-destination"
    case originalProtocol = "original-protocol"
    case originalSourcePort = "original-source-port"
    case originalDestinationPort = "original-destination-port"
    case mark
    case packetType = "packet-type"
    case sourceType = "source-type"
    case destinationType = "destination-type"
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
    package var comment: String?
    package var until: String?
    /// What `check` does not say of the rule.
    package var allowedLints: [PolicyLint] = []
    /// `Default`: nothing but the scope is asked.
    package var isDefault = false
    /// `Rule`: may stand outside of a scope, where it sees all packets.
    package var isLowLevel = false
}
