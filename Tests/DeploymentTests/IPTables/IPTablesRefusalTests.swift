import Deployment
import Diagnostics
import IPTablesBackend
import PacketModel
import Testing

/// What is refused, and in which words.
struct IPTablesRefusalTests {
    private func refusal(
        _ tools: FakeTools, _ variant: IPTablesVariantChoice = .auto, _ families: [AddressFamily] = [.ip],
        _ options: IPTablesOptions = IPTablesOptions()
    ) async throws -> String {
        let error = try await diagnostics {
            _ = try await IPTablesApplier(tools: tools, variant: variant).plan(
                families.map { Programs.drops($0, "a") }, options: options)
        }
        #expect(error.outcome == .host)
        #expect(await tools.loads.isEmpty)
        return error.text
    }

    @Test func noDockerUserAnywhere() async throws {
        #expect(
            try await refusal(FakeTools()) == """
                seawall: error: there is no chain DOCKER-USER, neither in iptables-legacy nor in iptables-nft: rules would not stand in front of \
                Docker's; nothing was written [docker-user-missing]
                seawall: note: is Docker running, and does it manage iptables?
                seawall: note: `--without-docker`, with `--variant`, makes the chain and its jump at the top of FORWARD; `--backend nft` needs \
                neither
                """)
    }

    @Test func dockerUserInTheOtherVariant() async throws {
        let tools = FakeTools(listings: ["iptables-nft-save": [Listings.docker]])
        #expect(
            try await refusal(tools, .legacy) == """
                seawall: error: iptables-legacy: there is no chain DOCKER-USER; rules put there would do nothing, so nothing was written \
                [docker-user-missing]
                seawall: note: it is reached in iptables-nft: `--variant nft` writes there
                seawall: note: is Docker running, and does it manage iptables?
                seawall: note: `--without-docker` makes the chain and its jump at the top of FORWARD; `--backend nft` needs neither
                """)
    }

    @Test func noDockerUserForIPv6() async throws {
        let tools = FakeTools(listings: ["iptables-legacy-save": [Listings.docker]])
        #expect(
            try await refusal(tools, .auto, [.ip, .ip6]) == """
                seawall: error: ip6tables-legacy: there is no chain DOCKER-USER; rules put there would do nothing, so nothing was written \
                [docker-user-missing]
                seawall: note: Docker 20.10 makes no DOCKER-USER for IPv6: `--family ip` writes IPv4 alone
                seawall: note: is Docker running, and does it manage iptables?
                seawall: note: `--without-docker` makes the chain and its jump at the top of FORWARD; `--backend nft` needs neither
                """)
    }

    @Test func unreached() async throws {
        let tools = FakeTools(listings: ["iptables-nft-save": [Listings.filter(forward: [], ["DOCKER-USER": []])]])
        #expect(
            try await refusal(tools) == """
                seawall: error: iptables-nft: the chain DOCKER-USER exists, but no rule leads there from FORWARD; rules put there would do \
                nothing, so nothing was written [docker-user-not-reached]
                seawall: note: restarting Docker puts its jump at the top of FORWARD again
                seawall: note: `--without-docker` makes the jump at the top of FORWARD; `--backend nft` needs neither
                """)
    }

    @Test func conditional() async throws {
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [Listings.filter(forward: ["-i eth0 -j DOCKER-USER"], ["DOCKER-USER": []])]
        ])
        #expect(
            try await refusal(tools).hasPrefix(
                """
                seawall: error: iptables-legacy: DOCKER-USER is reached only by a rule with conditions: -A FORWARD -i eth0 -j DOCKER-USER; rules \
                put there would do nothing, so nothing was written [docker-user-not-reached]
                """))
    }

    @Test func blocked() async throws {
        let listing = Listings.filter(forward: ["-j ACCEPT", "-j DOCKER-USER"], ["DOCKER-USER": []])
        #expect(
            try await refusal(FakeTools(listings: ["iptables-legacy-save": [listing]])).hasPrefix(
                """
                seawall: error: iptables-legacy: DOCKER-USER is not reached: a rule before it ends every packet's way: -A FORWARD -j ACCEPT; rules \
                put there would do nothing, so nothing was written [docker-user-not-reached]
                """))
    }

    @Test func bothVariants() async throws {
        let tools = FakeTools(listings: [
            "iptables-legacy-save": [Listings.docker], "iptables-nft-save": [Listings.docker],
        ])
        #expect(
            try await refusal(tools) == """
                seawall: error: DOCKER-USER is reached both in iptables-legacy and in iptables-nft: it is not known which of them Docker uses \
                [ambiguous-variant]
                seawall: note: pass `--variant legacy` or `--variant nft`; Docker uses what its own `iptables --version` names
                seawall: note: an engine that was moved from one to the other leaves its old chains behind
                """)
    }

    @Test func missingTools() async throws {
        #expect(
            try await refusal(FakeTools(missing: ["iptables-legacy-restore"]), .legacy) == """
                seawall: error: 'iptables-legacy-restore' is neither in PATH nor in /usr/sbin or /sbin: install the Debian package 'iptables' \
                [tool-missing]
                """)
        #expect(
            try await refusal(FakeTools(missing: ["iptables-legacy-restore", "iptables-nft-restore"])) == """
                seawall: error: no iptables was found: neither 'iptables-legacy-restore' nor 'iptables-nft-restore' is in PATH, /usr/sbin or /sbin \
                [tool-missing]
                seawall: note: install the Debian package 'iptables', or use `--backend nft`
                """)
    }

    @Test func noPrivilege() async throws {
        #expect(
            try await refusal(FakeTools(isPrivileged: false)) == """
                seawall: error: reading the rules of iptables needs root, or the capability CAP_NET_ADMIN: run seawall with sudo [not-privileged]
                """)
    }

    @Test func rulesOfNFTsOwn() async throws {
        let tools = FakeTools(listings: ["iptables-nft-save": ["# Table `filter' is incompatible, use 'nft' tool.\n"]])
        #expect(
            try await refusal(tools, .nft) == """
                seawall: error: 'iptables-nft-save' cannot read the table 'ip filter': somebody has put rules of nft's own into it \
                [foreign-filter-table]
                seawall: note: `nft list table ip filter` shows them; they have to go into a table of their own
                """)
    }

    @Test func unreadableListing() async throws {
        let tools = FakeTools(listings: ["iptables-legacy-save": ["*filter\n"]])
        #expect(
            try await refusal(tools, .legacy) == """
                seawall: error: the listing of 'iptables-legacy-save' cannot be read: line 1: the table 'filter' has no COMMIT: the text is cut short \
                [unreadable-listing]
                """)
    }
}
