import Diagnostics
import NFTablesBackend
import Testing

@testable import Deployment

struct HostToolsTests {
    private let tools = HostTools(executable: TestExecutable.path)

    @Test func givesInputOutputErrorsAndExitCode() async throws {
        let result = try await tools.run(HostToolCall("sh", ["-c", "cat; echo wrong >&2; exit 3"], input: "a\nb"))
        #expect(result == HostToolResult(code: 3, output: Array("a\nb".utf8), errors: "wrong\n"))
    }

    @Test func aToolThatReadsNothingIsNoProblem() async throws {
        let result = try await tools.run(HostToolCall("true", input: String(repeating: "x", count: 1 << 20)))
        #expect(result.code == 0)
    }

    @Test func findsToolsThatAreNotInThePath() {
        #expect(tools.path(of: "sh")?.hasSuffix("/sh") == true)
        #expect(tools.path(of: "seawall-no-such-tool") == nil)
    }

    @Test func namesThePackageOfAMissingTool() async throws {
        let error = try await diagnostics { _ = try await tools.run(HostToolCall("ip6tables-none-save")) }
        #expect(
            error.text == """
                seawall: error: 'ip6tables-none-save' is neither in PATH nor in /usr/sbin or /sbin: install the Debian package \
                'iptables' [tool-missing]
                """)
    }

    @Test func endsAToolThatHangs() async throws {
        let tools = HostTools(executable: TestExecutable.path, timeout: .seconds(1))
        let error = try await diagnostics { _ = try await tools.run(HostToolCall("sleep", ["60"])) }
        #expect(error.diagnostics.first?.message == "'sleep' had not finished after 1 s and was ended")
    }

    @Test func namesTheSignal() async throws {
        let error = try await diagnostics {
            _ = try await tools.run(HostToolCall("sh", ["-c", "echo last words >&2; kill -9 $$"]))
        }
        #expect(
            error.text == """
                seawall: error: 'sh' was ended by signal 9 (Killed) [tool-died]
                seawall: note: last words
                """)
    }

    @Test func recognisesTheFailureOfTheNamespaceChild() {
        let failure = NamespaceChild.failure(code: 126, errors: "seawall-netns:2:blue:1\n")
        #expect(failure == NamespaceChild.Failure(subject: "blue:1", code: 2, reason: "No such file or directory"))
        #expect(NamespaceChild.failure(code: 1, errors: "seawall-netns:2:blue\n") == nil)
        #expect(NamespaceChild.failure(code: 126, errors: "something else\n") == nil)
        let error = DiagnosticError.namespace("blue", code: 1, reason: "Operation not permitted")
        #expect(
            error.diagnostics.first?.message
                == "entering the network namespace 'blue' needs root, or the capability CAP_NET_ADMIN: run seawall with sudo"
        )
    }

    @Test(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
    func runsInANamespace() async throws {
        try await withNamespace { host in
            let call = HostToolCall("readlink", ["/proc/self/ns/net"], in: host.namespace)
            let found = String(decoding: try await tools.run(call).output, as: UTF8.self)
            #expect(try await host.shell("readlink /proc/self/ns/net") == found)
            let groups = HostToolCall("ls", ["/sys/fs/cgroup"], in: host.namespace)
            #expect(try await !tools.run(groups).output.isEmpty)
        }
    }
}
