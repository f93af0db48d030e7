import Diagnostics
import Glibc
import JSONC
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

@Suite struct DocumentTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    private let text = """
        {
          "seawall": {"document": 1, "generator": "seawall 0.1.0"},
          "policy": "Host",
          "files": [{"path": "blocklist.txt"}],
          "content": [
            {"rule": {"id": "7mskty9j", "verdict": "drop", "lowLevel": true, "from": {"file": "blocklist.txt"}}}
          ],
          "locations": {"7mskty9j": "Policy.swift:9"}
        }

        """

    private func failure(of text: String) async throws -> String {
        try fixture.write("policy.json", text)
        let failure = try await fixture.failure("policy.json")
        #expect(failure.outcome == .unreadable)
        return failure.text
    }

    @Test func aDocumentWithItsFilesIsCompleteInItself() async throws {
        try fixture.write(
            "policy.json",
            text.replacing("\"blocklist.txt\"}]", with: "\"blocklist.txt\", \"contents\": \"192.0.2.1\"}]"))
        let loaded = try await fixture.load("policy.json")
        #expect(loaded.document.contents(of: "blocklist.txt") == "192.0.2.1")
        #expect(!loaded.wasCached && loaded.warnings.isEmpty)
    }

    @Test func filesThatADocumentLacksAreReadBesideIt() async throws {
        try fixture.write("policy.json", text)
        try fixture.write("blocklist.txt", "192.0.2.2\n")
        #expect(try await fixture.load("policy.json").document.contents(of: "blocklist.txt") == "192.0.2.2\n")
    }

    @Test func whatALoadGaveIsADocumentAgain() async throws {
        try fixture.policy("Drop(from: AddressSet(contentsOf: \"blocklist.txt\"))")
        try fixture.write("blocklist.txt", "192.0.2.2\n")
        let first = try await fixture.load()
        try fixture.write("host.document", first.document.json.text(.pretty))
        #expect(try await fixture.load("host.document").document == first.document)
    }

    @Test func aDocumentCanComeFromStandardInput() async throws {
        let saved = dup(0)
        defer {
            dup2(saved, 0)
            close(saved)
        }
        let file = open(try fixture.write("input", "{\"seawall\": 1"), O_RDONLY)
        dup2(file, 0)
        close(file)
        let error = await #expect(throws: DiagnosticError.self) { _ = try await fixture.loader().load("-") }
        #expect(
            error?.diagnostics.map(\.text) == [
                "standard input:1: error: the document cannot be read from column 14 on: the text ends in the middle: it is empty or cut short [document-malformed]"
            ])
    }

    @Test func noCompilerIsNeeded() async throws {
        let path = try fixture.write("policy.json", text)
        try fixture.write("blocklist.txt", "")
        let loader = PolicyLoader(
            options: fixture.options, installation: Installation(library: "/nowhere", executable: "/nowhere"),
            version: seawallVersion, environment: [:])
        #expect(try await loader.load(path).document.policy == "Host")
    }

    @Test func locationsOfADocumentStayItsOwn() async throws {
        try fixture.write("policy.json", text)
        try fixture.write("blocklist.txt", "")
        let diagnostic = Diagnostic("x", at: SourceLocation(file: "Policy.swift", line: 9), "m", literal: "192.0.2.1")
        #expect(try await fixture.load("policy.json").located([diagnostic]) == [diagnostic])
    }

    @Test func aMissingFileIsShownAtTheRule() async throws {
        #expect(
            try await failure(of: text)
                == "Policy.swift:9: error: cannot read the file 'blocklist.txt': no such file or directory [policy-file-unreadable]"
        )
    }

    @Test func aCutDocumentShowsTheLineAndColumn() async throws {
        #expect(
            try await failure(of: String(text.prefix(100)))
                == "DIR/policy.json:4: error: the document cannot be read from column 19 on: the text ends in the middle: it is empty or cut short [document-malformed]"
        )
        #expect(
            try await failure(of: "")
                == "DIR/policy.json:1: error: the document cannot be read from column 1 on: the text ends in the middle: it is empty or cut short [document-malformed]"
        )
    }

    @Test func aSyntaxErrorShowsTheLineAndColumn() async throws {
        #expect(
            try await failure(of: text.replacing("[{\"path\"", with: "[{path"))
                == "DIR/policy.json:4: error: the document cannot be read from column 14 on: quoted object property name expected [document-malformed]"
        )
    }

    @Test func anUnknownVersionNamesBoth() async throws {
        #expect(
            try await failure(of: text.replacing("\"document\": 1", with: "\"document\": 7"))
                == "DIR/policy.json: error: the document has version 7, but Seawall 0.1.0 reads version 1: write it with this Seawall, or read it with the one that wrote it [document-version]"
        )
    }

    @Test func anUnknownKeyIsNamed() async throws {
        #expect(
            try await failure(of: text.replacing("\"lowLevel\"", with: "\"lowLevle\""))
                == "DIR/policy.json: error: $.content[0].rule: the key 'lowLevle' is unknown to this version of Seawall [document-malformed]"
        )
    }

    @Test func aFileThatIsNotListedIsNamed() async throws {
        #expect(
            try await failure(of: text.replacing("[{\"path\": \"blocklist.txt\"}]", with: "[]"))
                == "DIR/policy.json: error: $.files: the file 'blocklist.txt', which a rule names, is not listed [document-malformed]"
        )
    }

    @Test func namesThatWouldEndALineOfTheResultAreRefused() async throws {
        #expect(
            try await failure(of: text.replacing("\"Host\"", with: #""Host\nCOMMIT\n*nat\n-F""#))
                == "DIR/policy.json: error: $.policy: expected the name of a type, on one line [document-malformed]"
        )
        #expect(
            try await failure(of: text.replacing("7mskty9j", with: #"x\n-F"#))
                == "DIR/policy.json: error: $.locations: expected identifiers of eight lower-case letters and digits, found 'x\n-F' [document-malformed]"
        )
    }

    @Test func aKeyThatStandsTwiceIsNamed() async throws {
        #expect(
            try await failure(
                of: text.replacing("\"verdict\": \"drop\"", with: "\"verdict\": \"drop\", \"verdict\": \"allow\""))
                == "DIR/policy.json:6: error: the document cannot be read from column 1 on: the key 'verdict' stands twice in one object [document-malformed]"
        )
    }

    @Test func otherJSONIsNoDocument() async throws {
        #expect(
            try await failure(of: "{\"nftables\": []}")
                == "DIR/policy.json: error: this is no policy document: there is no \"seawall\": {\"document\": VERSION} in it [document-malformed]"
        )
    }
}

@Suite struct PolicyInputTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func aMissingFileIsNamed() async throws {
        let failure = try await fixture.failure("Nope.swift")
        #expect(failure.outcome == .unreadable)
        #expect(failure.text == "DIR/Nope.swift: error: cannot be read: no such file or directory [input-unreadable]")
    }

    @Test func aFileThatMayNotBeReadIsNamed() async throws {
        // Root reads everything; a loop of links nobody does.
        symlink("Loop.swift", fixture.path("Loop.swift"))
        #expect(
            try await fixture.failure("Loop.swift").text
                == "DIR/Loop.swift: error: cannot be read: too many levels of symbolic links [input-unreadable]")
    }

    @Test func aFolderWithoutSwiftFilesIsNamed() async throws {
        try fixture.write("notes.txt", "")
        #expect(
            try await fixture.failure("").text
                == "DIR: error: the folder has no Swift files: expected a policy, or a package of one with its Package.swift [input-no-policy]"
        )
    }

    @Test(arguments: [[0x7f, 0x45, 0x4c, 0x46, 0, 0], Array("*filter\n".utf8), []])
    func aFileOfAnotherKindIsNamed(_ bytes: [UInt8]) async throws {
        try fixture.write("rules.v4", bytes)
        #expect(
            try await fixture.failure("rules.v4").text
                == "DIR/rules.v4: error: the file is neither a policy nor a document: expected Swift source in a .swift file, or JSON that begins with { [input-no-policy]"
        )
    }

    @Test(arguments: [
        ("Policy.swift", "Policy.swift"), ("./Policy.swift", "./Policy.swift"),
        ("policies/Policy.swift", "policies/Policy.swift"),
        ("/etc/seawall/Policy.swift", "/etc/seawall/Policy.swift"),
    ])
    func pathsOfAFileAreShownAsTyped(_ input: String, _ expected: String) {
        #expect(ShownPaths.file(input).path("Policy.swift") == expected)
        #expect(ShownPaths.file(input).path("/etc/hosts") == "/etc/hosts")
    }

    @Test(arguments: [
        (".", "Policy.swift"), ("./", "Policy.swift"), ("policies", "policies/Policy.swift"),
        ("policies//", "policies/Policy.swift"),
        ("..", "../Policy.swift"), ("/", "/Policy.swift"),
    ])
    func pathsOfAFolderAreShownAsTyped(_ input: String, _ expected: String) {
        #expect(ShownPaths.folder(input).path("Policy.swift") == expected)
    }
}
