import Diagnostics
import Glibc
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

@Suite struct FileResolutionTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func filesAreReadRelativeToThePolicysFolder() async throws {
        try fixture.policy(
            "Drop(from: AddressSet(contentsOf: \"lists/blocked.txt\")); Allow(.tcp(PortSet(contentsOf: \"../ports.txt\")))"
        )
        try fixture.write("lists/blocked.txt", "192.0.2.1\n")
        try fixture.write("../ports.txt", "443\n")
        let files = try await fixture.load().document.files
        #expect(
            files == [
                PolicyDocument.File(path: "lists/blocked.txt", contents: "192.0.2.1\n"),
                PolicyDocument.File(path: "../ports.txt", contents: "443\n"),
            ])
    }

    @Test func eachFileThatCannotBeReadIsNamedAtItsLine() async throws {
        try fixture.policy(
            """
            Drop(from: AddressSet(contentsOf: "missing.txt"))
            Drop(
                from: [
                    AddressSet(contentsOf: "folder")])
            Drop(from: AddressSet(contentsOf: "latin1.txt"))
            Drop(from: AddressSet(contentsOf: "/dev/zero"))
            Drop(from: blocked)
            """, before: "let blocked = AddressSet(contentsOf: \"blocked.txt\")")
        mkdir(fixture.path("folder"), 0o755)
        try fixture.write("latin1.txt", [0x23, 0xfc, 0x0a])
        let failure = try await fixture.failure()
        #expect(failure.outcome == .unreadable)
        #expect(
            failure.text == """
                DIR/Policy.swift:6: error: cannot read the file 'missing.txt': no such file or directory [policy-file-unreadable]
                DIR/Policy.swift:6: note: the path is relative to the policy's folder: DIR/missing.txt
                DIR/Policy.swift:9: error: cannot read the file 'folder': it is a folder [policy-file-unreadable]
                DIR/Policy.swift:9: note: the path is relative to the policy's folder: DIR/folder
                DIR/Policy.swift:10: error: cannot read the file 'latin1.txt': it is no text in UTF-8 [policy-file-unreadable]
                DIR/Policy.swift:10: note: the path is relative to the policy's folder: DIR/latin1.txt
                DIR/Policy.swift:11: error: cannot read the file '/dev/zero': it is no regular file [policy-file-unreadable]
                DIR/Policy.swift:2: error: cannot read the file 'blocked.txt': no such file or directory [policy-file-unreadable]
                DIR/Policy.swift:2: note: the path is relative to the policy's folder: DIR/blocked.txt
                DIR/Policy.swift:12: note: used by the rule here
                """)
    }
}
