internal import Glibc
internal import JSONC

/// The hidden command `seawall __nft`: one request on standard input, one reply on standard output.
///
/// libnftables can abort, exit, crash or hang (a log prefix of 140 bytes, a comment of 254, a foreign table), so it
/// runs in a process that does nothing else. A reply means that the process lived to the end; without one nothing is
/// known but the way it died. The commands are one transaction, so that a death leaves everything or nothing.
package enum NFTChild {
    /// The first argument by which our executable knows that it is this.
    package static let command = "__nft"

    /// Serves the request and ends the process.
    package static func run() -> Never {
        // Times of `meta hour` are compiled in the local zone; errors are recognised by strerror's untranslated text.
        setenv("TZ", "UTC", 1)
        setenv("LC_ALL", "C", 1)
        let isWritten = reply(to: StandardStreams.readAll()).parts.allSatisfy(StandardStreams.writeAll)
        exit(isWritten ? 0 : 1)
    }

    private static func reply(to bytes: consuming [UInt8]) -> NFTReply {
        do throws(JSONError) {
            return reply(to: try NFTRequest(bytes: bytes))
        } catch {
            return .failed(NFTFailure(.badRequest, "\(error)"))
        }
    }

    private static func reply(to request: NFTRequest) -> NFTReply {
        // Text is run as it is, so it is run only where there is nothing that it could change.
        let isApart = if case .translate = request.action { true } else { false }
        let code = isApart ? NetworkNamespace.enterNew() : request.namespace?.enter() ?? 0
        guard code == 0 else {
            return .failed(NFTFailure(code == EPERM ? .noPrivilege : .noNamespace, text(of: code)))
        }
        guard let context = NFTContext() else { return .failed(NFTFailure(.noContext, "nft_ctx_new failed")) }
        if let failure = probe(context) { return .failed(failure) }
        switch request.action {
        case .run(let commands): return reply(context.run(commands, []))
        case .check(let commands): return reply(context.run(commands, .check))
        case .list(let table, let terse): return listing(context.run(listCommand(table), terse ? .terse : []))
        case .listText(let table):
            return listing(context.run(Array("list table \(table.family) \(table.name)".utf8), [.terse, .text]))
        case .listChains: return reply(context.run(Array(#"{"nftables":[{"list":{"chains":null}}]}"#.utf8), .terse))
        case .translate(let text):
            guard let file = MemoryFile(text) else { return .failed(NFTFailure(.noContext, "no memory for the text")) }
            let loaded = context.run(file: file.path)
            guard loaded.isSuccess else { return reply(loaded) }
            return reply(context.run(Array(#"{"nftables":[{"list":{"ruleset":null}}]}"#.utf8), []))
        }
    }

    /// A listing, or that there is no such table.
    private static func listing(_ result: NFTContext.Result) -> NFTReply {
        let listing = reply(result)
        guard case .failed(let failure) = listing, failure.kind == .refused, says(failure.text, ENOENT) else {
            return listing
        }
        return .failed(NFTFailure(.noTable, failure.text))
    }

    /// A command that does nothing but be JSON: without JSON in libnftables it is read as nft's native syntax, which
    /// has no line that begins so.
    private static func probe(_ context: borrowing NFTContext) -> NFTFailure? {
        let result = context.run(Array(#"{"nftables":[{"metainfo":{"json_schema_version":1}}]}"#.utf8), .check)
        if result.isSuccess { return nil }
        return NFTFailure(says(result.errors, EPERM) ? .noPrivilege : .noJSON, result.errors)
    }

    private static func reply(_ result: NFTContext.Result) -> NFTReply {
        if result.isSuccess { return .done(output: result.output, duration: result.duration) }
        return .failed(NFTFailure(says(result.errors, EPERM) ? .noPrivilege : .refused, result.errors))
    }

    private static func listCommand(_ table: NFTTableName) -> [UInt8] {
        let name: JSONValue = ["family": .string(table.family), "name": .string(table.name)]
        let command: JSONValue = ["nftables": [["list": ["table": name]]]]
        return Array(command.text().utf8)
    }

    private static func says(_ text: String, _ code: Int32) -> Bool { text.contains(Self.text(of: code)) }

    private static func text(of code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
}
