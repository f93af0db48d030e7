import Compiler
import Diagnostics
import FirewallIR
import PacketModel
import Testing

@testable import Seawall

/// The twin of what Docker forwards at the input hook, clause by clause.
struct AddInputTwinTests {
    private static func listener(
        _ family: AddressFamily, _ address: String?, _ port: UInt16, _ container: String, _ containerPort: UInt16,
        _ interface: String = "docker0", _ transport: IPProtocol = .tcp
    ) -> ProxyListener {
        ProxyListener(
            family: family, address: address.flatMap { IPAddress($0) }, transport: transport, port: port,
            container: ProxyListener.Container(
                address: IPAddress(container) ?? .v4(0), port: containerPort, interface: interface))
    }

    /// A container without IPv6 that both families dial, and one in another network at an address of the host.
    private static let usual = [
        listener(.ip, nil, 8080, "172.17.0.2", 80), listener(.ip6, nil, 8080, "172.17.0.2", 80),
        listener(.ip, "198.51.100.1", 5432, "172.18.0.2", 5432, "br-db"),
        listener(.ip6, "2001:db8::1", 5432, "fd00:18::2", 5432, "br-db"),
    ]

    private func twin(
        _ listeners: [ProxyListener] = AddInputTwinTests.usual, @PolicyBuilder _ body: () -> PolicyContent
    ) throws -> Ruleset {
        try AddInputTwin.run(try CompilePolicy.run(document(body)).ruleset, listeners: listeners)
    }

    /// The rules of the twin without identifiers, places, and what scopes add about replies and errors.
    private func rules(
        _ listeners: [ProxyListener] = AddInputTwinTests.usual, chain: String = "proxied-containers",
        @PolicyBuilder _ body: () -> PolicyContent
    ) throws -> [String] {
        let scopes = try twin(listeners, body).scopes.filter { $0.hook == .proxied }
        return scopes.flatMap(\.chains).filter { $0.name == chain }.flatMap(\.rules).filter { $0.id.count == 8 }.map {
            let text = $0.text.dropFirst(11)
            return String(text[..<(text.firstRange(of: "  # ")?.lowerBound ?? text.endIndex)])
        }
    }

    // MARK: - The sockets

    @Test func onlyPacketsToSocketsAreJudgedAndNoneThatEnterAtTheLoopback() throws {
        let sockets =
            Self.usual + [
                Self.listener(.ip, nil, 443, "172.17.0.2", 443),
                Self.listener(.ip, nil, 53, "172.17.0.2", 53, "docker0", .udp),
                Self.listener(.ip, "198.51.100.2", 5432, "172.18.0.2", 5432, "br-db"),
            ]
        let gate = try rules(sockets, chain: "proxied") { Inbound(on: "eth0") { Default(.drop) } }
        #expect(
            gate == [
                "iif{lo} -> leave",
                "family{ip} proto{tcp} dport{443,8080} | family{ip} daddr{198.51.100.1-198.51.100.2} proto{tcp} dport{5432}"
                    + " | family{ip} proto{udp} dport{53} | family{ip6} proto{tcp} dport{8080}"
                    + " | family{ip6} daddr{2001:db8::1} proto{tcp} dport{5432} -> goto proxied-containers",
            ])
    }

    @Test func withoutSocketsOrRulesThereIsNone() throws {
        #expect(try twin([]) { Inbound(on: "eth0") { Default(.drop) } }.scopes.count == 1)
        #expect(try twin { Containers {} }.scopes.count == 1)
        #expect(try twin { Outbound(via: "eth0") { Default(.drop) } }.scopes.count == 1)
        #expect(try twin { Input(policy: .drop) { Rule(.accept) } }.scopes.map(\.hook) == [.input])
    }

    @Test func theOrderOfSocketsDoesNotMatter() throws {
        let texts = try [Self.usual, Self.usual.reversed() + Self.usual].map { sockets in
            try twin(sockets) { Inbound(on: "eth0", toward: "br-db") { Drop(.tcp, containerPort: 5432) } }.text
        }
        #expect(texts[0] == texts[1])
    }

    @Test func oneSocketLeadsToOneContainer() throws {
        let other = Self.listener(.ip, nil, 8080, "172.17.0.3", 80)
        let error = #expect(throws: DiagnosticError.self) {
            try twin(Self.usual + [other]) { Inbound(on: "eth0") { Default(.drop) } }
        }
        #expect(
            error?.diagnostics.map(\.text) == [
                "seawall: error: docker-proxy is said to lead tcp 0.0.0.0:8080 both to 172.17.0.2:80 (docker0) and to 172.17.0.3:80 (docker0) [ambiguous-listener]"
            ])
        let wrong = Self.listener(.ip6, "198.51.100.1", 8080, "172.17.0.3", 80)
        let refusal = #expect(throws: DiagnosticError.self) {
            try twin([wrong]) { Inbound(on: "eth0") { Default(.drop) } }
        }
        #expect(
            refusal?.diagnostics.map(\.text) == [
                "seawall: error: docker-proxy is said to listen on tcp 198.51.100.1:8080, which no IPv6 client can dial [impossible-listener]"
            ])
    }

    // MARK: - What was dialled, and what is behind it

    @Test func whatWasDialledStaysAsItIs() throws {
        let found = try rules {
            Inbound(on: "eth0") {
                Allow(.tcp(8080), from: "192.0.2.0/24")
                Drop(.tcp(8080), to: "198.51.100.1")
                Default(.drop)
            }
        }
        #expect(
            found == [
                "iif{eth0} saddr{192.0.2.0/24} proto{tcp} o.dport{8080} -> leave",
                "iif{eth0} proto{tcp} o.daddr{198.51.100.1} o.dport{8080} -> drop", "iif{eth0} -> drop",
            ])
    }

    @Test func containersAreMeantByPortAddressAndBridge() throws {
        let database =
            "family{ip} iif{eth0} daddr{198.51.100.1} proto{tcp} dport{5432} | family{ip6} iif{eth0} daddr{2001:db8::1} proto{tcp} dport{5432} -> drop"
        #expect(try rules { Inbound(on: "eth0") { Drop(.tcp, containerPort: 5432) } } == [database])
        #expect(try rules { Inbound(on: "eth0", toward: "br-db") { Default(.drop) } } == [database])
        #expect(try rules { Inbound(on: "eth0", toward: "br-*") { Default(.drop) } } == [database])
        #expect(try rules { Between("eth0", "br-db") { Default(.drop) } } == [database])
        #expect(
            try rules { Inbound(on: "eth0") { Drop(containerAddress: ["172.18.0.2", "fd00:18::2"]) } } == [database])
        #expect(try rules { Inbound(on: "eth0") { Drop(containerAddress: "172.99.0.0/16") } } == [])
        #expect(try rules { Outbound(via: "eth0") { Default(.drop) } } == [])
    }

    @Test func allContainersAreNoCondition() throws {
        #expect(
            try rules { Inbound(on: "eth0", toward: ["docker0", "br-*"]) { Default(.drop) } } == ["iif{eth0} -> drop"])
        #expect(
            try rules { Inbound(on: "eth0") { Drop(containerAddress: .not("172.99.0.0/16")) } } == ["iif{eth0} -> drop"]
        )
    }

    @Test func clientsOfIPv6MeetWhatIsSaidOfAContainerWithoutIt() throws {
        let found = try rules { Inbound(on: "eth0") { Drop(containerAddress: "172.17.0.2") } }
        #expect(
            found == [
                "family{ip} iif{eth0} proto{tcp} dport{8080} | family{ip6} iif{eth0} proto{tcp} dport{8080} -> drop"
            ])
        // An answer that their family does not have is another one.
        let answered = try rules {
            Inbound(on: "eth0") { Reject(with: .hostProhibited, containerAddress: "172.17.0.2") }
        }
        #expect(
            answered == [
                "family{ip} iif{eth0} proto{tcp} dport{8080} -> reject host-prohibited",
                "family{ip6} iif{eth0} proto{tcp} dport{8080} -> reject admin-prohibited",
            ])
    }

    @Test func aSocketOfAllAddressesDoesNotGetWhatIsForAnother() throws {
        let sockets = [
            Self.listener(.ip, nil, 80, "172.17.0.2", 80),
            Self.listener(.ip, "198.51.100.1", 80, "172.18.0.2", 80, "br-db"),
            Self.listener(.ip, nil, 81, "172.17.0.2", 81), Self.listener(.ip, nil, 82, "172.18.0.2", 82, "br-db"),
        ]
        let found = try rules(sockets) { Inbound(on: "eth0", toward: "docker0") { Default(.drop) } }
        #expect(
            found == [
                "family{ip} iif{eth0} proto{tcp} dport{81} | family{ip} iif{eth0} daddr{0.0.0.0-198.51.100.0,198.51.100.2-255.255.255.255} proto{tcp} dport{80} -> drop"
            ])
    }

    @Test func theTranslationIsTakenForDone() throws {
        // Nobody is dropped for having dialled a container itself.
        #expect(try rules { Inbound(on: "eth0", direct: .drop) { Drop(.tcp(8080)) } }.count == 1)
        #expect(try rules { Rule(.drop) { Match.status(.dnat) } } == ["state{new,established,related} -> drop"])
        #expect(try rules { Rule(.drop) { Match.status(.assured) } } == ["status{0x4!=0x0} -> drop"])
    }

    @Test func protocolsThatNobodyPublishesAreLeftOut() throws {
        #expect(try rules { Inbound(on: "eth0") { Drop(.icmp) } } == [])
    }

    // MARK: - Verdicts, guards, effects

    @Test func acceptIsAllow() throws {
        #expect(
            try rules { Inbound(on: "eth0") { Accept(.tcp(8080)) } } == ["iif{eth0} proto{tcp} o.dport{8080} -> leave"])
    }

    @Test func chainsAndPoliciesAreTheTwinsOwn() throws {
        let ruleset = try twin {
            Containers(families: .both, policy: .drop) {
                Rule(.jump("further"))
                Chain("further") { Rule(.return) }
                Chain("unused") { Rule(.drop) }
            }
        }
        let twin = try #require(ruleset.scopes.last)
        #expect(twin.hook == .proxied && twin.policy == .leave)
        #expect(twin.chains.map(\.name) == ["proxied", "proxied-policy", "proxied-containers", "proxied-further"])
        #expect(twin.chains[1].rules.map(\.verdict) == [.jump("proxied-containers"), .drop])
        #expect(twin.chains[2].rules.map(\.verdict) == [.jump("proxied-further")])
    }

    @Test func rulesKeepTheirNamesAndPlaces() throws {
        let ruleset = try twin {
            Inbound(on: "eth0") { Drop(.tcp(8080)).limit(.perMinute(1)).log(prefix: "x").comment("why") }
        }
        let (own, others) = (ruleset.scopes[0].chains[0].rules.last, ruleset.scopes[1].chains[1].rules.last)
        #expect(own != nil && own == others)
        #expect(ruleset.validate() == [])
    }

    // MARK: - What is refused

    @Test func whatCannotBeKnownAtInputIsRefusedByName() throws {
        func message(@PolicyBuilder _ body: () -> PolicyContent) -> String {
            do {
                return try twin(Self.usual, body).text
            } catch let error as DiagnosticError {
                return error.diagnostics.map(\.message).joined(separator: "\n")
            } catch {
                return "\(error)"
            }
        }
        func refusal(_ name: String) -> String {
            "the rule cannot hold for connections that docker-proxy accepts: the match '\(name)' asks where a packet goes, or for bytes of its header, and these are others before a translation"
        }
        #expect(message { Rule(.drop) { Match.module("u32", "--u32", "16=0") } } == refusal("u32"))
        #expect(message { Rule(.drop) { Match.module("set", "--match-set", "x", "src,dst") } } == refusal("set"))
        #expect(message { Rule(.drop) { Match.module("physdev", "--physdev-out", "v0") } } == refusal("physdev"))
        #expect(message { Rule(.drop) { Match.module("set", "--match-set", "x", "src") } }.contains("proxied"))
        // Where no packet to a socket comes, it does not matter.
        let outgoing = message {
            Rule(.drop) {
                Match.outInterface("eth0")
                Match.module("u32", "--u32", "16=0")
            }
            Chain("unused") { Rule(.drop) { Match.module("u32", "--u32", "16=0") } }
        }
        #expect(outgoing.hasPrefix("ruleset"))
        #expect(
            message { Rule(.drop) { Match.destinationType(.local, limitedTo: .in) } }
                == "the rule cannot hold for connections that docker-proxy accepts: an address type that is limited to an interface is known only of packets that are forwarded: ask for the type alone, or for the interface"
        )
        #expect(message { Rule(.drop) { Match.destinationType(.unicast) } }.contains("proxied"))
        #expect(!message { Rule(.drop) { Match.destinationType(.local) } }.contains("proxied"))
    }

    // MARK: - Size

    @Test func rulesAreNotMultipliedBySockets() throws {
        let sockets = (0..<200).map { number -> ProxyListener in
            let address = number % 2 == 0 ? nil : "198.51.100.\(number)"
            let bridge = number < 100 ? "docker0" : "br-db"
            return Self.listener(.ip, address, UInt16(8000 + number), "172.17.0.\(number)", 80, bridge)
        }
        let rules = (0..<10_000).map { number -> FirewallRule in
            var box = Box()
            box.source = IPAddressSet([IPAddressRange(.v4(UInt32(number)))])
            box.originalDestinationPort = Presence(IntervalSet(UInt16(number)))
            if number % 100 == 0 { box.outInterface = InterfaceSet([.exact("br-db")]) }
            return FirewallRule(
                id: "rule\(number)", origin: SourceLocation(file: "Policy.swift", line: number), condition: [box],
                verdict: .drop)
        }
        let scope = Scope(
            hook: .containers, families: .both, entry: "containers",
            chains: [FirewallIR.Chain(name: "containers", rules: rules)])
        let ruleset = try AddInputTwin.run(Ruleset(name: "Large", scopes: [scope]), listeners: sockets)
        let chains = try #require(ruleset.scopes.last).chains
        #expect(chains.map(\.rules.count) == [2, 10_000])
        // A rule towards a bridge: the ports on all addresses are one box, and each address is another.
        #expect(chains[1].rules[0].condition.count == 51)
        #expect(chains[1].rules.flatMap(\.condition).count == 9_900 + 100 * 51)
    }
}
