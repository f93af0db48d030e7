import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import RulesetLab
import TestSupport
import Testing

@testable import Seawall

/// What holds for every policy: the same bytes each time, the document survives its text, and both backends decide alike.
struct RandomPolicyTests {
    let seed = TestEnvironment.seed

    @Test func policiesCompileToTheSameBytesTwice() throws {
        try forEachPolicy(300) { document, _, round in
            let again = RandomPolicyTests.document(seed, round)
            #expect(document.json.text() == again.json.text(), "SEAWALL_TEST_SEED=\(seed), round \(round)")
            let first = texts(document)
            let second = texts(again)
            #expect(first == second, "SEAWALL_TEST_SEED=\(seed), round \(round)")
        }
    }

    @Test func documentsSurviveTheirText() throws {
        try forEachPolicy(600) { document, _, round in
            let text = document.json.text(.pretty)
            let decoded = try PolicyDocument.decode(try JSONValue.parse(text))
            #expect(decoded == document, "SEAWALL_TEST_SEED=\(seed), round \(round)")
            #expect(decoded.json.text(.pretty) == text, "SEAWALL_TEST_SEED=\(seed), round \(round)")
        }
    }

    @Test func bothBackendsDoWhatThePolicyMeans() throws {
        var compiled = 0
        var lowered = 0
        try forEachPolicy(500) { document, random, round in
            var random = random
            guard let ruleset = try? CompilePolicy.run(document).ruleset else { return }
            compiled += 1
            let comparison = BackendComparison(ruleset)
            lowered += comparison.lowered
            let boxes = ruleset.scopes.flatMap(\.chains).flatMap(\.rules).flatMap(\.condition)
            for _ in 0..<40 where !boxes.isEmpty {
                let packet = random.packet(near: random.pick(boxes))
                guard let difference = comparison.difference(packet) else { continue }
                Issue.record("SEAWALL_TEST_SEED=\(seed), round \(round):\n\(difference)")
                throw Stop()
            }
        }
        #expect(compiled > 150 && lowered > 2 * compiled)
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func theToolsTakeAndListEveryDocument() async throws {
        var documents: [(round: Int, texts: [String: String])] = []
        try forEachPolicy(160) { document, _, round in
            let texts = texts(document)
            if texts.keys.contains("v4") || texts.keys.contains("json") { documents.append((round, texts)) }
        }
        try await withNamespace { namespace in
            try await withFolder { folder in
                for (round, texts) in documents {
                    for (name, text) in texts { try folder.write("\(round).\(name)", text) }
                }
                let problems = try await namespace.must(AcceptanceScript.text(folder.path))
                #expect(problems == "", "SEAWALL_TEST_SEED=\(seed)")
            }
        }
        #expect(documents.count > 50)
    }

    // MARK: - Policies

    private struct Stop: Error {}

    private static func document(_ seed: UInt64, _ round: Int) -> PolicyDocument {
        var policy = RandomPolicy(random: SeededGenerator(seed: seed &+ UInt64(round)))
        return policy.document()
    }

    private func forEachPolicy(_ count: Int, _ body: (PolicyDocument, SeededGenerator, Int) throws -> Void) throws {
        for round in 0..<count * TestEnvironment.rounds {
            do {
                try body(Self.document(seed, round), SeededGenerator(seed: UInt64(round)), round)
            } catch is Stop {
                return
            }
        }
    }

    /// All that a policy is compiled to, by the ending of a file; refusals in their place.
    private func texts(_ document: PolicyDocument) -> [String: String] {
        var texts: [String: String] = [:]
        guard let ruleset = try? CompilePolicy.run(document).ruleset else { return ["errors": errors(document)] }
        texts["ir"] = ruleset.text
        for family in AddressFamily.allCases {
            if let program = try? LowerToIPTables.lower(ruleset, family: family) {
                texts[family == .ip ? "v4" : "v6"] = program.document(layout: .dockerUser, header: ["a header"]).text
            }
        }
        if let document = try? LowerToNFTables.lower(ruleset, acceptMark: BackendComparison.acceptMark) {
            texts["json"] = document.jsonText
            texts["nft"] = document.text(header: ["a header"])
        }
        return texts
    }

    private func errors(_ document: PolicyDocument) -> String {
        do {
            _ = try CompilePolicy.run(document)
            return ""
        } catch {
            return error.diagnostics.map(\.text).joined(separator: "\n")
        }
    }
}

/// Loads every document of a folder with the real tools, and says what they did not take, or list so that it loads again.
enum AcceptanceScript {
    static func text(_ folder: String) -> String {
        """
        cd '\(folder)'
        export TZ=UTC
        set +e
        say() { echo "== $1"; head -5 errors; }
        for file in *.v4 *.v6; do
            [ -e "$file" ] || continue
            case $file in *.v4) tool=iptables-legacy ;; *) tool=ip6tables-legacy ;; esac
            $tool-restore --noflush --test < "$file" 2> errors || say "$tool-restore --test $file"
            $tool-restore --noflush < "$file" 2> errors || { say "$tool-restore $file"; continue; }
            $tool-save -t filter > listing
            $tool-restore < listing 2> errors || say "$tool-restore of the listing of $file"
            $tool-save -t filter | grep -v '^#' > again
            grep -v '^#' listing | cmp -s - again || say "the listing of $file lists otherwise"
            $tool -F; $tool -X
        done
        for file in *.json; do
            [ -e "$file" ] || continue
            name=${file%.json}
            nft -j -c -f "$file" > errors 2>&1 || say "nft -j -c $file"
            nft -j -f "$file" > errors 2>&1 || { say "nft -j $file"; continue; }
            nft list table inet seawall > json-listing
            nft -c -f "$name.nft" 2> errors || say "nft -c $name.nft"
            nft -f "$name.nft" 2> errors || { say "nft $name.nft"; continue; }
            nft list table inet seawall > text-listing
            diff json-listing text-listing > errors || say "JSON and text of $name load differently"
            nft delete table inet seawall
            nft -f text-listing 2> errors || say "nft -f of the listing of $name"
            nft list table inet seawall | diff text-listing - > errors || say "the listing of $name lists otherwise"
            nft delete table inet seawall 2> /dev/null
        done
        """
    }
}
