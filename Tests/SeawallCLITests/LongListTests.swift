import Seawall
import TestSupport
import Testing

/// Files of addresses as long as blocklists are: read line by line, within the memory that a host has to spare.
struct LongListTests {
    /// How many lines: with `SEAWALL_LONG_TESTS=1` a million.
    private static let count = TestEnvironment.isLong ? 1_000_000 : 100_000
    /// The most that may be in memory at once, in KiB.
    private static let limit = TestEnvironment.isLong ? 500_000 : 250_000
    /// The same for iptables, where each address is a rule of its own.
    private static let limitOfRules = TestEnvironment.isLong ? 2_000_000 : 500_000

    private let policy = """
        {"seawall":{"document":1,"generator":"seawall \(seawallVersion)"},"policy":"Test","files":[{"path":"list.txt"}],
        "content":[{"scope":{"id":"sc0pe000","kind":"inbound","in":"eth0","related":"pass","invalid":"judge",
        "untracked":"judge","direct":"judge","content":[
        {"rule":{"id":"r0000100","verdict":"drop","from":{"file":"list.txt"}}}]}}],
        "locations":{"sc0pe000":"Policy.swift:6","r0000100":"Policy.swift:7"}}
        """

    /// The n-th address: no two are neighbours, and they come in no order.
    private static func address(_ index: Int) -> String {
        let place = UInt32(truncatingIfNeeded: index) &* 2_654_435_761 & 0x3fff_ffff
        let value = 0x4000_0000 | place &* 2
        return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    }

    private static let list: String = {
        var text = "# a list\n"
        for index in 0..<count { text += index % 10 == 0 ? "  \(address(index))\t# why\n" : "\(address(index))\n" }
        return text
    }()

    /// Runs the executable, and says what it held in memory at most, in KiB.
    private static func measured(_ arguments: [String], in folder: TestFolder) async throws -> (ShellOutcome, Int) {
        let script = """
            "$0" "$@" >&2 & pid=$!
            while line=$(grep VmHWM /proc/$pid/status 2>/dev/null); do last=$line; sleep 0.02; done
            wait $pid; status=$?; echo "$last"; exit $status
            """
        let outcome = try await run(
            "/bin/sh", ["-c", script, Executable.path] + arguments, folder: folder.path)
        let digits = outcome.output.filter(\.isNumber)
        return (outcome, try #require(Int(digits), "no figure in '\(outcome.output)'"))
    }

    @Test func aLongListIsCompiledAndProvedInBoundedMemory() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            _ = try folder.write("policy.json", policy)
            _ = try folder.write("list.txt", Self.list)
            let (outcome, memory) = try await Self.measured(
                ["compile", "policy.json", "--backend", "nft", "-o", "out.json"], in: folder)
            #expect(outcome.summary == "exit 0\n")
            #expect(memory < Self.limit, "\(memory) KiB")
            let ir = try await Executable.run("compile", "policy.json", "--ir", folder: folder.path)
            let rule = try #require(ir.output.split(separator: "\n").first { $0.contains("[r0000100]") })
            #expect(rule.utf8.count { $0 == UInt8(ascii: ",") } == Self.count - 1)
            for index in [0, 1, Self.count / 2, Self.count - 1] {
                #expect(rule.contains(Self.address(index)), "\(Self.address(index))")
            }
        }
    }

    @Test func iptablesTakesItAsAsManyRules() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            _ = try folder.write("policy.json", policy)
            _ = try folder.write("list.txt", Self.list)
            let (outcome, memory) = try await Self.measured(
                [
                    "compile", "policy.json", "--backend", "iptables", "--no-proof", "--family", "ip", "-o", "out.v4",
                ], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(memory < Self.limitOfRules, "\(memory) KiB")
            let lines = try #require(folder.read("out.v4")).split(separator: "\n")
            #expect(lines.count { $0.hasPrefix("-A") && $0.contains(" -s ") } == Self.count)
        }
    }

    @Test func wrongLinesOfALongListAreNamed() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            _ = try folder.write("policy.json", policy)
            let wrong = (0..<25).map { "192.0.2.\($0).7\n" }.joined()
            _ = try folder.write("list.txt", Self.list + "10.0.0.1/24\n" + wrong)
            let outcome = try await Executable.run("check", "policy.json", folder: folder.path)
            #expect(outcome.status == 1)
            let first = """
                list.txt:\(Self.count + 2): error: '10.0.0.1/24' has bits set behind its prefix: write 10.0.0.0/24 for the network, or the address without a prefix for the one host [bad-entry]
                """
            #expect(outcome.errors.contains(first), "\(outcome.errors.prefix(400))")
            #expect(outcome.errors.contains("list.txt:\(Self.count + 21): error: '192.0.2.18.7' is no address"))
            #expect(!outcome.errors.contains("192.0.2.19.7"))
            #expect(outcome.errors.contains("list.txt: error: 6 more lines are wrong [bad-entry]"))
        }
    }
}
