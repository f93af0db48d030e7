internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import FoundationEssentials
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel
internal import Seawall
@main struct Main {
    static func main() throws {
        let data = try Data(contentsOf: URL(filePath: CommandLine.arguments[1]))
        do {
            let doc = try PolicyDocument.decode(try JSONValue.parse(data))
            let out = try CompilePolicy.run(doc)
            switch CommandLine.arguments[2] {
            case "ir": print(out.ruleset.text)
            case "v4": print(try LowerToIPTables.lower(out.ruleset, family: .ip).document(layout: .dockerUser, header: ["x"]).text)
            case "v6": print(try LowerToIPTables.lower(out.ruleset, family: .ip6).document(layout: .dockerUser, header: ["x"]).text)
            case "json": print(try LowerToNFTables.lower(out.ruleset, acceptMark: AcceptMark(value: 1, mask: 1)).json.text(.compact))
            default: print(try LowerToNFTables.lower(out.ruleset, acceptMark: AcceptMark(value: 1, mask: 1)).text(header: ["x"]))
            }
        } catch let e as DiagnosticError { print(e.diagnostics.map(\.text).joined(separator: "\n")) }
    }
}
