import FoundationEssentials
import PacketLab
import TestSupport
import Testing

/// The measuring tool that migrates the rule sets of a folder, with rule sets of our own.
@Suite(.needsRoot) struct MigrationTrialTests {
    private let port = "-p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL"

    private func trial(_ folder: TestFolder, _ options: String...) async throws -> ShellOutcome {
        let tool = Executable.path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        return try await run("\(tool)/seawall-migration-trial", options + [folder.path])
    }

    private func write(_ name: String, _ chains: [String], _ rules: [String], in folder: TestFolder) throws {
        let lines = ["*filter", ":DOCKER-USER - [0:0]"] + chains.map { ":\($0) - [0:0]" } + rules.map { "-A \($0)" }
        try folder.write(name, (lines + ["COMMIT", ""]).joined(separator: "\n"))
    }

    @Test("packets of every class fare as before, and as the interpreter says")
    func nothingChanges() async throws {
        try await withFolder { folder in
            try write(
                "a.v4.save", ["trusted"],
                [
                    "DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
                    "DOCKER-USER -i eth0 \(port) -j trusted", "DOCKER-USER -i eth0 -m mark --mark 0x5/0xff -j ACCEPT",
                    "DOCKER-USER -i eth0 -m conntrack --ctstate INVALID,UNTRACKED -j REJECT --reject-with icmp-host-prohibited",
                    "trusted -s 198.51.100.0/25 -j RETURN", "trusted -p tcp -j REJECT --reject-with tcp-reset",
                ], in: folder)
            try write(
                "b.v6.save", [],
                [
                    "DOCKER-USER -i eth0 -o br-+ -p udp -m udp --dport 53 -j DROP",
                    "DOCKER-USER -i eth0 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT",
                ], in: folder)
            try write(
                "c.v4.save", [],
                [
                    "DOCKER-USER -i eth0 -m string --string GET --algo bm -j DROP",
                    "DOCKER-USER -i eth0 -p tcp -m tcp --dport 25 -j DROP",
                ], in: folder)
            let outcome = try await trial(folder)
            #expect(outcome.status == 0, "\(outcome)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count { $0.hasSuffix("; 0 different") } == 6, "\(outcome)")
            #expect(
                lines.contains("3 rule sets, 3 tried, 2 of them import whole, 2 of these were migrated"), "\(outcome)")
            #expect(lines.contains("6 migrations there and back, 0 refused, 0 failed"), "\(outcome)")
            #expect(lines.last == "0 packets were not what they were meant to be", "\(outcome)")
            #expect(outcome.output.contains("meet 6 of 6 rules"), "\(outcome)")
        }
    }

    @Test("a migration that leaves something open, or closes something, is found out", arguments: ["flush", "add"])
    func mistakesAreFound(_ mistake: String) async throws {
        try await withFolder { folder in
            try write("a.v4.save", [], ["DOCKER-USER -i eth0 \(port) -j DROP"], in: folder)
            let change =
                mistake == "flush"
                ? "flush chain inet seawall DOCKER-USER" : "add rule inet seawall DOCKER-USER meta l4proto tcp drop"
            // The namespace is the last of the words.
            let seawall = try folder.write(
                "seawall",
                """
                #!/bin/sh
                '\(Executable.path)' "$@" || exit
                case "$2" in --observe) for name; do :; done; ip netns exec "$name" nft \(change) ;; esac
                """)
            _ = try await run("/bin/chmod", ["+x", seawall])
            let outcome = try await trial(folder, "--seawall", seawall)
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.output.contains("    DIFFERENT: a "), "\(outcome)")
        }
    }
}
