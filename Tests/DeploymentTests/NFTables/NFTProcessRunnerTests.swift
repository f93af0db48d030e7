import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import Testing

/// The child process with a libnftables that misbehaves, and with scripts in its place.
struct NFTProcessRunnerTests {
    private let commands: JSONValue = ["nftables": [["add": ["table": NFTDocuments.table]]]]

    /// The library's interface, as far as Seawall calls it; `RUN` is the body of `nft_run_cmd_from_buffer`.
    private func library(_ run: String) -> String {
        """
        #include <stdbool.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        static const char *errors = "";
        static char output[64];
        void *nft_ctx_new(unsigned flags) { return malloc(1); }
        void nft_ctx_free(void *ctx) { free(ctx); }
        int nft_ctx_buffer_output(void *ctx) { return 0; }
        int nft_ctx_buffer_error(void *ctx) { return 0; }
        void nft_ctx_output_set_flags(void *ctx, unsigned flags) {}
        void nft_ctx_set_dry_run(void *ctx, bool dry) {}
        const char *nft_ctx_get_output_buffer(void *ctx) { return output; }
        const char *nft_ctx_get_error_buffer(void *ctx) { return errors; }
        int nft_run_cmd_from_buffer(void *ctx, const char *text) {
            if (strstr(text, "json_schema_version")) { PROBE; return 0; }
            RUN
        }
        """.replacing("RUN", with: run)
    }

    private func result(library source: String, _ commands: JSONValue? = nil) async throws -> NFTResult {
        try await withFolder { folder in
            let runner = NFTProcessRunner(executable: try await folder.executable(withLibrary: source))
            return try await runner.run(commands ?? self.commands, check: false)
        }
    }

    @Test func detectsALibraryWithoutJSON() async throws {
        let source = library("return 0;").replacing(
            "PROBE", with: #"errors = "1:1-1: Error: syntax error, unexpected '{'\n"; return -1"#)
        let error = try await diagnostics { _ = try await result(library: source) }
        #expect(
            error.text == """
                seawall: error: the libnftables of this host was built without JSON, which Seawall needs [nft-without-json]
                seawall: note: 1:1-1: Error: syntax error, unexpected '{'
                seawall: note: Debian's package 'libnftables1' has it; another libnftables may stand before it in the library path
                """)
    }

    @Test func reportsALibraryThatAborts() async throws {
        let source = library("abort();").replacing("PROBE", with: "")
        let error = try await diagnostics { _ = try await result(library: source) }
        #expect(error.outcome == .host)
        #expect(
            error.text == """
                seawall: error: libnftables was ended by signal 6 (Aborted) [nft-died]
                seawall: note: its commands are one transaction: either all of them took effect or none; `seawall show` says which
                """)
    }

    @Test func reportsALibraryThatExits() async throws {
        let source = library(#"fputs("Memory allocation failure\n", stderr); exit(2);"#).replacing("PROBE", with: "")
        let error = try await diagnostics { _ = try await result(library: source) }
        #expect(error.diagnostics.first?.message == "libnftables ended its process with exit code 2")
        #expect(error.diagnostics.first?.notes.first?.message == "Memory allocation failure")
    }

    @Test func reportsNoPrivilege() async throws {
        let source = library("return 0;").replacing(
            "PROBE", with: #"errors = "Operation not permitted (you must be root)\n"; return -1"#)
        let error = try await diagnostics { _ = try await result(library: source) }
        #expect(
            error.text == """
                seawall: error: changing or reading nftables needs root, or the capability CAP_NET_ADMIN: run seawall with sudo [not-privileged]
                seawall: note: Operation not permitted (you must be root)
                """)
    }

    @Test func carriesFiftyMegabytes() async throws {
        let source = library(#"sprintf(output, "%zu", strlen(text)); return strlen(text) > (50 << 20) ? 0 : -1;"#)
        let text = String(repeating: "x", count: 50 << 20)
        let large: JSONValue = ["nftables": [["add": ["table": ["family": "inet", "name": .string(text)]]]]]
        guard case .done = try await result(library: source.replacing("PROBE", with: ""), large) else {
            Issue.record("the commands did not arrive")
            return
        }
    }

    @Test func endsAChildThatHangs() async throws {
        let error = try await withFolder { folder in
            let runner = NFTProcessRunner(executable: try folder.script("exec sleep 60"), timeout: .seconds(1))
            return try await diagnostics { _ = try await runner.run(commands, check: false) }
        }
        #expect(
            error.text == """
                seawall: error: libnftables had not finished after 1 s and was ended [nft-timed-out]
                seawall: note: its commands are one transaction: either all of them took effect or none; `seawall show` says which
                """)
    }

    @Test func reportsARunThatAnswersNonsense() async throws {
        try await withFolder { folder in
            let path = try folder.script("echo {}")
            let error = try await diagnostics {
                _ = try await NFTProcessRunner(executable: path).run(commands, check: false)
            }
            #expect(
                error.diagnostics.first?.message
                    == "the reply of '\(path) __nft' cannot be used: line 2, column 1: the message is cut short")
        }
    }

    @Test func reportsAnExecutableThatIsMissing() async throws {
        let runner = NFTProcessRunner(executable: "/nonexistent/seawall")
        let error = try await diagnostics { _ = try await runner.run(commands, check: false) }
        #expect(error.diagnostics.first?.id == "tool-not-started")
        #expect(
            error.diagnostics.first?.message.hasPrefix("'seawall __nft' (/nonexistent/seawall) could not be run: ")
                == true)
    }

    @Test func reportsANamespaceThatIsMissing() async throws {
        let runner = NFTProcessRunner(executable: TestExecutable.path, namespace: NetworkNamespace("seawall-test-none"))
        let error = try await diagnostics { _ = try await runner.list(.seawall, terse: true) }
        #expect(
            error.text == """
                seawall: error: the network namespace 'seawall-test-none' cannot be entered: No such file or directory [bad-namespace]
                seawall: note: `ip netns list` names those that exist; a path, such as /proc/PID/ns/net, names one without a name
                """)
    }
}
