import Compiler
import Diagnostics
import FirewallIR
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Each kind of set and map goes through the kernel, and what nft lists of it is proved to be the rules.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct SetShapeKernelTests {
    /// Rules whose optimised form has a certain shape.
    enum Shape: String, CaseIterable {
        case lengths, lengthsOfIPv6, dialledNetworks, concatenated, concatenatedOfIPv6, ranges, protocols, headerPorts
        case map, mapOfSeveralFields, negated

        /// What the text of the table has to hold, so that it is this shape that was tried.
        var sign: String {
            switch self {
            case .lengths: "ip saddr & 255.255.255.0 == @"
            case .lengthsOfIPv6: "ip6 saddr & ffff:ffff:ffff:: == @"
            case .dialledNetworks: "ct original ip daddr & 255.255.255.0 == @"
            case .concatenated: "ip saddr & 255.255.255.0 . ct original proto-dst @"
            case .concatenatedOfIPv6: "ip6 saddr & ffff:ffff:ffff:: . ct original proto-dst @"
            case .ranges: "type ipv4_addr . inet_service\n        flags interval"
            case .protocols: "meta l4proto { tcp, udp }"
            case .headerPorts: ". th dport @"
            case .map: "ct original proto-dst vmap @"
            case .mapOfSeveralFields: "ip saddr . ct original proto-dst vmap @"
            case .negated: "ip saddr & 255.255.255.0 != @"
            }
        }

        var rules: [FirewallRule] {
            (0..<12).map { number in
                let verdict: Verdict = isMap && number % 2 == 0 ? .leave : .drop
                return FirewallRule(number: number, [Box().with { fill(&$0, UInt32(number)) }], verdict)
            }
        }

        private var isMap: Bool { self == .map || self == .mapOfSeveralFields }

        private func fill(_ box: inout Box, _ number: UInt32) {
            let network = IPAddressSet(v4: IntervalSet([number << 9...(number << 9 | 255)]))
            let network6 = IPAddressSet(
                v6: IntervalSet([UInt128(number) << 82...(UInt128(number) << 82 | (1 << 80 - 1))]))
            let port = UInt16(number * 3 + 1)
            box.protocols = IntervalSet(6)
            switch self {
            case .lengths: box.source = network
            case .lengthsOfIPv6: box.source = network6
            case .dialledNetworks: box.originalDestination = Presence(network)
            case .concatenated: box.source = network
            case .concatenatedOfIPv6: box.source = network6
            case .ranges: box.source = network
            case .protocols:
                box.protocols = IntervalSet([6...6, 17...17])
                box.source = network
            case .headerPorts: box.source = network
            case .map: break
            case .mapOfSeveralFields: box.source = IPAddressSet(v4: IntervalSet(number))
            case .negated:
                let networks = (1..<13).map { $0 << 9...($0 << 9 | 255) } as [ClosedRange<UInt32>]
                box.families = .ip
                box.source = IPAddressSet(v4: IntervalSet(networks).complement)
            }
            switch self {
            case .concatenated, .concatenatedOfIPv6, .protocols, .map, .mapOfSeveralFields, .negated:
                box.originalDestinationPort = Presence(IntervalSet(port))
            case .ranges: box.originalDestinationPort = Presence(IntervalSet([port * 1000...port * 1000 + 1500]))
            case .headerPorts: box.destinationPort = Presence(IntervalSet(port))
            case .lengths, .lengthsOfIPv6, .dialledNetworks: break
            }
        }
    }

    @Test func everyShapeIsListedAsItIs() async throws {
        var trips: [(shape: Shape, meant: Ruleset, trip: KernelTrip)] = []
        for shape in Shape.allCases {
            let scope = Scope(
                hook: .containers, families: .both, entry: "entry",
                chains: [Chain(name: "entry", rules: shape.rules)])
            let ruleset = Ruleset(name: shape.rawValue, scopes: [scope])
            let document = try LowerToNFTables.lower(OptimizeRuleset.run(ruleset), optimized: true)
            #expect(document.text(header: []).contains(shape.sign), "\(shape): \(document.text(header: []))")
            trips.append((shape, ruleset, KernelTrip(shape.rawValue, document)))
        }
        for (sent, listed) in zip(trips, try await KernelTrip.read(trips.map(\.trip))) {
            let report = ProveEquality.run(sent.meant, listed, ProofOptions(strictness: .effects))
            for proof in report.scopes {
                guard case .equal = proof.answer else {
                    Issue.record("\(sent.shape): \(proof)")
                    continue
                }
            }
        }
    }
}
