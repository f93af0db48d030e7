import FoundationEssentials
import PacketLab
import TestSupport
import Testing

extension HostSuite {
    /// Whoever only reads changes nothing: rules of both iptables, nft, sets, settings, the names of tables, and files.
    @Suite struct ReadingTests {
        @Test("no command that reads leaves a trace", arguments: TrialHost.Backend.allCases)
        func leavesNoTrace(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                _ = try await host.apply(host.new, "--confirm-within", "60s")
                let before = try await host.everything()
                let policy = try await host.old
                let options = backend == .nft ? [] : ["--ipset"]
                let commands: [[String]] = [
                    ["show"], ["show", "facts"], ["show", "facts", "--json"], ["status"], ["status", "--json"],
                    ["counters"], ["counters", "--json"], ["history"], ["history", "--json"],
                    ["plan", policy, "--backend", backend.rawValue] + options,
                    ["plan", policy, "--backend", backend.rawValue, "--json", "--text"] + options,
                    ["apply", policy, "--backend", backend.rawValue, "--dry-run"] + options,
                ]
                for command in commands {
                    let outcome = try await run(
                        Executable.path, command + ["--netns", host.lab[.router].name], environment: host.variables())
                    #expect([0, 1].contains(outcome.status), "\(command): \(outcome.status) \(outcome.errors)")
                    let after = try await host.everything()
                    #expect(after == before, "\(command): \(difference(before, after))")
                }
            }
        }

        @Test("a host on which nothing of ours was ever loaded stays as it is")
        func untouchedHost() async throws {
            try await TrialHost.with(.nft) { host in
                let before = try await host.everything()
                for command in [
                    ["show"], ["show", "facts"], ["history"], ["plan", try await host.old, "--backend", "nft"],
                ] {
                    let outcome = try await run(
                        Executable.path, command + ["--netns", host.lab[.router].name], environment: host.variables())
                    #expect([0, 1].contains(outcome.status), "\(command): \(outcome.errors)")
                }
                #expect(try await host.everything() == before)
                #expect(host.folder.names == [])
            }
        }
    }
}

extension TrialHost {
    /// The firewall, the names of the tables in the kernel, the settings of the namespace, and the state directory.
    fileprivate func everything() async throws -> String {
        let script = """
            cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null
            sysctl -a 2>/dev/null | grep -E '^net\\.(ipv4|ipv6|bridge|netfilter)' | grep -vE 'conntrack_count|\\.tcp_|fib_|mtu_expires|neigh|route'
            find '\(folder.path)' -type f -printf '%p %s %T@\\n' -exec cksum {} + | sort
            """
        return try await state() + Program.demand(["sh", "-c", script], in: lab[.router])
    }
}
