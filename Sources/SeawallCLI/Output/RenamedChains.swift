internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

extension [NFTRenamedChain] {
    /// That chains bear other names, and which; nothing if all bear their own.
    var diagnostics: [Diagnostic] {
        if isEmpty { return [] }
        let words = count == 1 ? "a chain bears another name" : "\(count) chains bear other names"
        return [
            Diagnostic(
                "chains-renamed", .warning, at: nil,
                "\(words) in nft, which cannot list them under their own, or has several of one name",
                notes: map { Diagnostic.Note("\($0.hook.rawValue): '\($0.original)' is '\($0.name)'") })
        ]
    }
}

extension NFTRenamedChain {
    /// Both names, for programs.
    var json: JSONValue {
        [
            "hook": .string(hook.rawValue),
            "families": .array(families.families.map { .string($0.rawValue) }),
            "chain": .string(original), "name": .string(name),
        ]
    }
}
