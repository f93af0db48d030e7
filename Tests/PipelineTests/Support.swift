import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import Testing

@testable import Seawall

/// A policy in all its forms.
struct Compiled {
    let document: PolicyDocument
    let ruleset: Ruleset

    /// The policy of a type, whose files have these contents.
    init<P: Policy>(_ policy: P.Type, files: [String: String] = [:], root: String? = nil) throws {
        var document = P.makeDocument(relativeTo: root)
        for index in document.files.indices { document.files[index].contents = files[document.files[index].path] }
        self.document = document
        ruleset = try CompilePolicy.run(document).ruleset
    }

    func iptables(_ family: AddressFamily) throws -> String {
        try LowerToIPTables.lower(ruleset, family: family).document(layout: .dockerUser, header: []).text
    }

    func nft() throws -> NFTDocument { try LowerToNFTables.lower(ruleset, acceptMark: BackendComparison.acceptMark) }
}
