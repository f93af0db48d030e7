internal import Seawall

/// Finds the sets of a policy that deserve a name: long ones, and those that are used more than once.
struct SwiftNaming {
    /// A set with its name and its text.
    struct Named {
        var name: String
        var type: String
        var value: SwiftExpression
    }

    private var names: SwiftNames
    private(set) var sets = NamedSets()
    private(set) var declarations: [Named] = []
    private var addressUses: [(set: AddressExpression, hint: String)] = []
    private var portUses: [PortExpression] = []

    /// A set is long from so many characters on.
    private static let longest = 60

    static func run(_ nodes: [PolicyNode], names: inout SwiftNames) -> SwiftNaming {
        var naming = SwiftNaming(names: names)
        for node in nodes { naming.collect(node) }
        naming.nameAddresses()
        naming.namePorts()
        names = naming.names
        return naming
    }

    private init(names: SwiftNames) { self.names = names }

    // MARK: - What is used

    private mutating func collect(_ node: PolicyNode) {
        switch node {
        case .block(let block): for child in block.children { collect(child) }
        case .chain(let chain): for child in chain.children { collect(child) }
        case .group(let group): for child in group.children { collect(child) }
        case .scope(let scope): for child in scope.children { collect(child) }
        case .rule(let rule): collect(rule)
        case .expectation: break
        }
    }

    private mutating func collect(_ rule: RuleNode) {
        let hint = rule.comment.flatMap { SwiftNames.identifier($0) } ?? rule.verdict.nameOfAddresses
        for set in [rule.from, rule.to, rule.containerAddress] { use(set, hint) }
        use(rule.containerPort)
        for service in rule.services { use(service.ports) }
        for match in rule.matches { collect(match, hint) }
    }

    private mutating func collect(_ match: MatchNode, _ hint: String) {
        switch match.values {
        case .addresses(let set): use(set, hint)
        case .ports(let set): use(set)
        case .alternatives(let lists): for match in lists.flatMap({ $0 }) { collect(match, hint) }
        default: break
        }
    }

    private mutating func use(_ set: AddressExpression, _ hint: String) {
        if case .not(let inner) = set { return use(inner, hint) }
        if case .union(let members) = set, members.count > 1 { addressUses.append((set, hint)) }
        if case .leaf(.file) = set { addressUses.append((set, hint)) }
    }

    private mutating func use(_ set: PortExpression) {
        if case .not(let inner) = set { return use(inner) }
        if case .union(let members) = set, members.count > 2 { portUses.append(set) }
    }

    // MARK: - What is named

    private mutating func nameAddresses() {
        var counts: [AddressExpression: Int] = [:]
        var hints: [AddressExpression: Set<String>] = [:]
        for use in addressUses {
            counts[use.set, default: 0] += 1
            hints[use.set, default: []].insert(use.hint)
        }
        for use in addressUses where sets.addresses[use.set] == nil {
            let value = SwiftExpression(use.set)
            guard counts[use.set, default: 0] > 1 || value.line.count > Self.longest else { continue }
            let isAgreed = hints[use.set]?.count == 1
            let name = names.name(isAgreed ? use.hint : "addresses", or: "addresses")
            sets.addresses[use.set] = name
            declarations.append(Named(name: name, type: "AddressSet", value: value))
        }
    }

    private mutating func namePorts() {
        var counts: [PortExpression: Int] = [:]
        for set in portUses { counts[set, default: 0] += 1 }
        for set in portUses where sets.ports[set] == nil {
            let value = SwiftExpression(set)
            guard counts[set, default: 0] > 1 || value.line.count > Self.longest else { continue }
            let name = names.name("ports", or: "ports")
            sets.ports[set] = name
            declarations.append(Named(name: name, type: "PortSet", value: value))
        }
    }
}
