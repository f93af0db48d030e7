import FoundationEssentials
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostSuite {
    /// What the host itself may refuse: space, rights, its tools.
    @Suite struct OperationTests {
        @Test("a full disk stops a change before anything is changed", arguments: TrialHost.Backend.allCases)
        func diskFull(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                let arguments = [
                    "apply", try await host.new, "--backend", backend.rawValue, "--netns", host.lab[.router].name,
                ]
                // A file system of one page, in a mount namespace of its own.
                let script = """
                    mkdir -p "$SEAWALL_STATE_DIR/full"; mount -t tmpfs -o size=4k none "$SEAWALL_STATE_DIR/full"
                    SEAWALL_STATE_DIR="$SEAWALL_STATE_DIR/full" exec "$0" "$@"
                    """
                let outcome = try await run(
                    "/usr/bin/unshare", ["-m", "sh", "-ec", script, Executable.path] + arguments,
                    environment: host.variables())
                #expect(outcome.status == 4, "\(outcome)")
                #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
                #expect(try await host.state() == before)
            }
        }

        @Test("without the right to change the firewall nothing is changed, and nothing is left behind")
        func noPrivilege() async throws {
            try await TrialHost.with(.nft) { host in
                let before = try await host.state()
                let arguments = ["apply", try await host.new, "--backend", "nft", "--netns", host.lab[.router].name]
                let outcome = try await run(
                    "/usr/bin/setpriv",
                    ["--bounding-set=-net_admin,-sys_admin", "--inh-caps=-net_admin,-sys_admin", Executable.path]
                        + arguments,
                    environment: host.variables())
                #expect(outcome.status == 4 && outcome.errors.contains("[not-privileged]"), "\(outcome)")
                #expect(try await host.state() == before)
                #expect(try await host.must("recover").hasPrefix("nothing to recover"))
            }
        }

        @Test("a restore tool that fails between the families leaves both as they were")
        func failsBetweenFamilies() async throws {
            try await TrialHost.with(.iptables) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                // It tests and it puts back, but it does not load.
                let tools = host.folder.path + "/tools"
                try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
                let tool = try host.folder.write(
                    "tools/ip6tables-legacy-restore",
                    "#!/bin/sh\ncase \"$*\" in *--test*|*--counters*) exec /usr/sbin/ip6tables-legacy-restore \"$@\";; esac\necho no >&2; exit 1\n"
                )
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool)
                let patrol = try host.patrol()
                let outcome = try await run(
                    Executable.path,
                    [
                        "apply", try await host.new, "--backend", "iptables", "--ipset", "--netns",
                        host.lab[.router].name,
                    ],
                    environment: host.variables().merging(["PATH": tools + ":/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 })
                let report = try patrol.end()
                #expect(outcome.status == 4 && outcome.errors.contains("[iptables-refused]"), "\(outcome)")
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
                #expect(try await host.must("recover").hasPrefix("nothing to recover"))
            }
        }

        @Test("the end of libnftables in the middle leaves the table as it was")
        func libraryDies() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                // In the place of libnftables: what its processes do where it smashes its stack.
                let source = """
                    #include <signal.h>
                    #include <stddef.h>
                    typedef struct nft_ctx nft_ctx;
                    nft_ctx *nft_ctx_new(unsigned flags) { raise(SIGABRT); return NULL; }
                    """
                let file = try host.folder.write("nft.c", source)
                let library = host.folder.path + "/libdying.so"
                let built = try await run("/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", library, file])
                try #require(built.status == 0, "\(built.errors)")
                let outcome = try await run(
                    Executable.path,
                    ["apply", try await host.new, "--backend", "nft", "--netns", host.lab[.router].name],
                    environment: host.variables().merging(["LD_PRELOAD": library]) { $1 })
                #expect(outcome.status == 4 && outcome.errors.contains("[nft-died]"), "\(outcome)")
                #expect(try await host.state() == before)
                #expect(try await host.must("recover").hasPrefix("nothing to recover"))
            }
        }
    }
}
