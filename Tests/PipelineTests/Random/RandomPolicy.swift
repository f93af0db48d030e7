import PacketModel
import RulesetLab

@testable import Seawall

/// Random policies, over all that the language can say; most of them are right.
struct RandomPolicy {
    var random: SeededGenerator

    mutating func document() -> PolicyDocument {
        let nodes = (0..<random.number(1...4)).map { _ in node(depth: 0, isInScope: false) }
        var document = PolicyDocument(policy: "Random", content: nodes)
        document.files = document.files.map { file in
            var file = file
            file.contents = Self.files[file.path]
            return file
        }
        return document
    }

    private static let files = [
        "addresses.txt": "# blocked\n192.0.2.0/24\n\n198.51.100.7 # one\n2001:db8:bad::/48\n192.0.2.128/25\n",
        "ports.txt": "443\n8000-8010\nssh\n",
    ]

    private func at() -> NodeLocation { NodeLocation(file: "Policy.swift", line: 7) }

    // MARK: - Nodes

    private mutating func node(depth: Int, isInScope: Bool) -> PolicyNode {
        if depth < 2 && random.oneIn(8) {
            let children = (0..<random.number(0...3)).map { _ in node(depth: depth + 1, isInScope: isInScope) }
            return .group(
                GroupNode(
                    location: at(), name: random.pick(["mail", "a group, \"quoted\"", "größe"]), children: children))
        }
        if isInScope && random.oneIn(12) { return .expectation(expectation()) }
        if isInScope || random.oneIn(5) { return .rule(rule(isLowLevel: !isInScope || random.oneIn(4))) }
        return .scope(scope())
    }

    private mutating func scope() -> ScopeNode {
        let kind = random.pick(ScopeNode.Kind.allCases)
        let hasIn = kind != .outbound
        let hasOut = kind != .inbound || random.oneIn(3)
        return ScopeNode(
            location: at(), kind: kind, inInterface: hasIn ? interfaces() : .any,
            outInterface: hasOut ? interfaces() : .any,
            from: kind == .outbound && random.oneIn(2) ? addresses() : .any, related: treatment(.pass),
            invalid: treatment(.judge),
            untracked: treatment(.judge), direct: kind == .inbound ? treatment(.judge) : .judge,
            children: (0..<random.number(1...6)).map { _ in node(depth: 0, isInScope: true) })
    }

    private mutating func treatment(_ usual: ScopeNode.Treatment) -> ScopeNode.Treatment {
        random.oneIn(4) ? random.pick([.judge, .pass, .drop]) : usual
    }

    private mutating func expectation() -> ExpectationNode {
        ExpectationNode(
            location: at(), outcome: "allowed",
            connections: ConnectionsNode(
                services: [ServiceNode(protocolName: "tcp", ports: .leaf(.number(443)))],
                from: .leaf(.text("203.0.113.9")), to: random.oneIn(2) ? .leaf(.text("192.0.2.1")) : .any,
                inInterface: random.oneIn(2) ? .leaf(InterfaceLeaf("eth0")) : .any,
                isPublished: random.oneIn(2) ? random.oneIn(2) : nil))
    }

    private mutating func rule(isLowLevel: Bool) -> RuleNode {
        var rule = RuleNode(location: at(), verdict: .drop)
        rule.isLowLevel = isLowLevel
        if isLowLevel {
            rule.matches = (0..<random.number(0...4)).map { _ in match() }
        } else if random.oneIn(8) {
            rule.isDefault = true
        } else {
            if !random.oneIn(4) { rule.services = (0..<random.number(1...4)).map { _ in service() } }
            if random.oneIn(6) {
                rule.services = (0..<random.number(1...3)).map { _ in ServiceNode(protocolName: "tcp", ports: ports()) }
            }
            if random.oneIn(3) { rule.from = addresses() }
            if random.oneIn(5) { rule.to = addresses() }
            if random.oneIn(9) { rule.containerAddress = addresses() }
            if random.oneIn(9) {
                rule.containerPort = ports()
                rule.services = [ServiceNode(protocolName: random.pick(["tcp", "udp", "sctp"]), ports: ports())]
            }
        }
        rule.verdict = verdict(rule)
        if random.oneIn(5) { rule.limit = rate() }
        if random.oneIn(4) { rule.log = log() }
        if random.oneIn(4) {
            rule.comment = random.pick(["reporting", "it's 100 %", "größer", "a # b; c { d }", "tab\\less"])
        }
        if random.oneIn(8) { rule.until = random.pick(["2027-01-31", "2030-06-30T12:00:00Z", "2019-12-31"]) }
        return rule
    }

    private mutating func verdict(_ rule: RuleNode) -> VerdictNode {
        let isTCP = !rule.services.isEmpty && rule.services.allSatisfy { $0.protocolName == "tcp" }
        if random.oneIn(5) {
            if isTCP && random.oneIn(2) { return .reject("tcp-reset") }
            return .reject(random.pick(["port-unreachable", "admin-prohibited", "host-unreachable", "no-route"]))
        }
        return random.pick([.allow, .allow, .drop, .drop, .log, random.oneIn(3) ? .accept : .allow])
    }

    private mutating func rate() -> RateNode {
        RateNode(
            count: random.number(1...50), unit: random.pick(RateUnit.allCases).rawValue,
            burst: random.oneIn(2) ? random.number(1...40) : nil)
    }

    private mutating func log() -> LogNode {
        LogNode(
            prefix: random.pick(["seawall: ", "", "drop it's: ", "50 % #;{}: "]),
            level: random.pick(LogLevel.allCases).rawValue,
            limit: random.oneIn(2) ? rate() : nil)
    }

    // MARK: - Sets

    private mutating func service() -> ServiceNode {
        switch random.number(0...6) {
        case 0:
            return ServiceNode(
                protocolName: random.pick(["tcp", "udp", "sctp", "icmp", "icmpv6", "gre", "esp", "6", "58"]))
        case 1:
            return ServiceNode(
                protocolName: "icmp",
                icmp: ICMPNode(type: random.pick([0, 3, 8, 255]), code: random.oneIn(2) ? random.number(0...4) : nil))
        case 2:
            return ServiceNode(
                protocolName: "icmpv6",
                icmp: ICMPNode(type: random.pick([1, 128, 255]), code: random.oneIn(2) ? 0 : nil))
        default: return ServiceNode(protocolName: random.pick(["tcp", "udp", "sctp", "tcp"]), ports: ports())
        }
    }

    private mutating func set<Leaf>(_ leaf: (inout RandomPolicy) -> Leaf) -> SetExpression<Leaf> {
        switch random.number(0...6) {
        case 0, 1, 2: .leaf(leaf(&self))
        case 3: .not(.leaf(leaf(&self)))
        case 4: .not(.union((0..<random.number(1...3)).map { _ in .leaf(leaf(&self)) }))
        default: .union((0..<random.number(1...4)).map { _ in .leaf(leaf(&self)) })
        }
    }

    private mutating func addresses() -> AddressExpression {
        set { policy in
            if policy.random.oneIn(9) {
                return .file(FileReference(path: "addresses.txt", mayBeEmpty: policy.random.oneIn(2)))
            }
            return .text(policy.random.pick(policy.random.oneIn(3) ? Vocabulary.ranges6 : Vocabulary.ranges4))
        }
    }

    private mutating func ports() -> PortExpression {
        set { policy in
            switch policy.random.number(0...5) {
            case 0: .name(policy.random.pick(["https", "ssh", "dns"]))
            case 1: .range(policy.random.number(1...1000), policy.random.number(1000...9000))
            case 2 where policy.random.oneIn(4): .file(FileReference(path: "ports.txt", mayBeEmpty: false))
            default: .number(Int(policy.random.pick(Vocabulary.ports)))
            }
        }
    }

    private mutating func interfaces() -> InterfaceExpression {
        set {
            InterfaceLeaf(
                $0.random.pick(["eth0", "br-*", "br-app", "docker0", "wlan+", "abcdefghijklmno", "abcdefghijklmno*"]))
        }
    }

    // MARK: - Low-level conditions

    private mutating func match() -> MatchNode {
        let field = random.pick(Self.fields)
        var match = MatchNode(field: field, values: values(of: field), isNegated: random.oneIn(4))
        if field == .sourceType || field == .destinationType, random.oneIn(4) { match.interface = "in" }
        return match
    }

    /// The fields that both backends write.
    private static let fields = MatchField.allCases.filter { !rareFields.contains($0) }

    /// What rules of other firewalls ask for.
    private static let rareFields: Set<MatchField> = [
        .icmpMessage, .laterFragment, .connectionMark, .length, .hopLimit, .dscp, .sourceMAC, .never, .anyOf, .before,
        .module, .statefulModule, .limit, .quota, .then,
    ]

    private mutating func values(of field: MatchField) -> MatchNode.Values {
        switch field {
        case .family: .names([random.pick(["ip", "ip6"])])
        case .inInterface, .outInterface: .interfaces(interfaces())
        case .source, .destination, .originalSource, .originalDestination: .addresses(addresses())
        case .sourcePort, .destinationPort, .originalSourcePort, .originalDestinationPort: .ports(ports())
        case .proto, .originalProtocol: .names(random.some(["tcp", "udp", "icmp", "47", "gre", "udplite"], atMost: 2))
        case .icmpType, .icmpv6Type: .names(random.some(["0", "8", "3/4", "128", "255"], atMost: 2))
        case .tcpFlags: .masked(mask: random.pick([0x3f, 0x17, 0xff]), value: 2)
        case .fragment: .names(["later"])
        case .state: .names(random.states().names)
        case .direction: .names([random.pick(["original", "reply"])])
        case .status: .names(random.some(["dnat", "snat", "assured", "expected"], atMost: 2))
        case .mark: .masked(mask: random.pick([0xff, .max]), value: random.pick([0, 1]))
        case .packetType: .names(random.some(["host", "broadcast", "multicast", "other"], atMost: 2))
        case .sourceType, .destinationType:
            .names(random.some(["local", "unicast", "broadcast", "multicast"], atMost: 2))
        case .icmpMessage, .laterFragment, .connectionMark, .length, .hopLimit, .dscp, .sourceMAC, .never, .anyOf,
            .before, .module, .statefulModule, .limit, .quota, .then:
            .names([])
        }
    }
}
