import FirewallIR
import PacketModel
import Testing

@testable import Deployment

/// Facts of namespaces that are really there.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct HostFactsKernelTests {
    private func read(_ host: TestNamespace) async throws -> HostFacts {
        try await HostFacts.read(
            FactSources(
                tools: HostTools(executable: TestExecutable.path),
                nft: NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace),
                namespace: host.namespace))
    }

    private func rules(_ facts: HostFacts, _ variant: IPTablesVariant, _ family: AddressFamily) -> IPTablesRuleFacts? {
        facts.iptables.first { $0.variant == variant && $0.family == family }?.rules.value
    }

    @Test func anEmptyNamespaceHasNothing() async throws {
        try await withNamespace { host in
            let facts = try await read(host)
            #expect(facts.nftables.chains == .known([]))
            #expect(facts.iptables.map(\.rules) == Array(repeating: .known(IPTablesRuleFacts()), count: 4))
            #expect(facts.iptables.allSatisfy { $0.version.value?.hasPrefix("1.") == true })
            #expect(facts.kernel.value?.isEmpty == false)
            #expect(facts.nftables.library.value?.first?.isNumber == true)
            #expect(facts.docker.backend.outcome == .unknown)
            #expect(facts.proxyListeners == [])
        }
    }

    @Test func chainsOfEverybodyAreSeen() async throws {
        try await withNamespace { host in
            try await host.shell(
                """
                iptables-legacy -N DOCKER-USER; iptables-legacy -A FORWARD -j DOCKER-USER
                iptables-legacy -A DOCKER-USER -s 192.0.2.1 -j DROP; iptables-legacy -P INPUT DROP
                ip6tables-nft -A INPUT -i lo -j ACCEPT; ip6tables-nft -t mangle -A FORWARD -j ACCEPT
                nft add table inet fence
                nft 'add chain inet fence keep { type filter hook forward priority 5; policy drop; }'
                nft 'add set inet fence s { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }'
                """)
            let facts = try await read(host)
            let legacy = try #require(rules(facts, .legacy, .ip))
            #expect(legacy.dockerUser == .reached)
            #expect(legacy.inputPolicy == "DROP")
            #expect(legacy.foreignRules == ["-A DOCKER-USER -s 192.0.2.1/32 -j DROP"])
            #expect(facts.docker.backend.backend == .legacy)
            let nft6 = try #require(rules(facts, .nft, .ip6))
            #expect(
                nft6.builtIns.map { "\($0.table) \($0.chain) \($0.rules)" }.sorted() == [
                    "filter FORWARD 0", "filter INPUT 1", "mangle FORWARD 1", "mangle INPUT 0",
                ])
            let chains = try #require(facts.nftables.chains.value)
            #expect(
                chains.map { "\($0.path) \($0.hook) \($0.priority) \($0.policy) \($0.owner)" } == [
                    "ip6 mangle FORWARD forward -150 accept iptables", "inet fence keep forward 5 drop other",
                    "ip6 filter INPUT input 0 accept iptables",
                ])
        }
    }

    @Test func settingsAreThoseOfTheNamespace() async throws {
        try await withNamespace { host in
            for value in [false, true] {
                let number = value ? 1 : 0
                try await host.shell(
                    "sysctl -qw net.ipv4.ip_forward=\(number) net.ipv6.conf.all.forwarding=\(1 - number)")
                let forwarding = try await read(host).forwarding
                #expect(forwarding.ip == value)
                #expect(forwarding.ip6 == !value)
            }
        }
    }

    @Test(arguments: [false, true]) func readingLeavesNoTrace(_ isFilled: Bool) async throws {
        try await withNamespace { host in
            if isFilled {
                try await host.shell(
                    """
                    iptables-nft -N DOCKER-USER; iptables-nft -A FORWARD -j DOCKER-USER; ip6tables-legacy -A INPUT -j ACCEPT
                    nft add table ip docker-bridges
                    nft 'add chain ip docker-bridges filter-FORWARD { type filter hook forward priority 0; }'
                    """)
            }
            let before = try await completeState(host)
            for arguments in ["facts", "facts --json"] {
                let path = TestExecutable.path
                try await host.shell("'\(path)' show \(arguments) >/dev/null")
            }
            _ = try await read(host)
            #expect(try await completeState(host) == before)
        }
    }

    /// Both variants, the tables that the kernel has, all of nftables with its handles, and the settings.
    private func completeState(_ host: TestNamespace) async throws -> String {
        try await host.shell(
            """
            cat /proc/net/ip_tables_names /proc/net/ip6_tables_names /proc/net/ip_tables_targets 2>/dev/null || true
            nft -a list ruleset 2>/dev/null
            for tool in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
                $tool-save -c 2>/dev/null | grep -v '^#' || true
            done
            sysctl -a 2>/dev/null | grep -E '^net[.](ipv4|ipv6|bridge|netfilter)[.]' \
                | grep -vE 'stable_secret|_count|tcp_fastopen_key|random' || true
            """)
    }
}
