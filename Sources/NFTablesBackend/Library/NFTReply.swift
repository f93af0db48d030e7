package import JSONC

/// What the child process answers: one line of JSON, and behind it what libnftables printed.
package enum NFTReply: Hashable, Sendable {
    /// It is done; a listing is JSON. `duration` is what libnftables took for the call that was asked for.
    case done(output: [UInt8], duration: Duration)
    /// Nothing was changed.
    case failed(NFTFailure)

    /// The bytes for the child's standard output.
    package var bytes: [UInt8] { parts.flatMap { $0 } }

    /// The same in parts, so that a long listing is not copied behind its header.
    var parts: [[UInt8]] {
        let (members, output): ([JSONMember], [UInt8]) =
            switch self {
            case .done(let output, let duration):
                (
                    [
                        JSONMember("result", "done"),
                        JSONMember("nanoseconds", .integer(Int64(duration / .nanoseconds(1)))),
                    ], output
                )
            case .failed(let failure):
                ([JSONMember("result", .string(failure.kind.rawValue)), JSONMember("text", .string(failure.text))], [])
            }
        let header = JSONValue.object(members + [JSONMember("bytes", .integer(Int64(output.count)))])
        return [Array(header.text().utf8) + [UInt8(ascii: "\n")], output]
    }

    /// Reads what `bytes` wrote.
    ///
    /// - Throws: `JSONError` if it is cut short or something else.
    package init(bytes: consuming [UInt8]) throws(JSONError) {
        let (header, output) = try NFTFraming.split(bytes)
        var reader = try JSONObjectReader(header)
        let result = try reader.string("result")
        let text = try reader.optionalString("text")
        let nanoseconds = try reader.optionalInteger("nanoseconds")
        _ = try reader.integer("bytes")
        try reader.finish()
        if result == "done" {
            self = .done(output: output, duration: .nanoseconds(nanoseconds ?? 0))
        } else if let kind = NFTFailure.Kind(rawValue: result) {
            self = .failed(NFTFailure(kind, text ?? ""))
        } else {
            throw JSONError(at: .path("$.result"), "the result '\(result)' is unknown")
        }
    }
}

/// Why libnftables did nothing.
package struct NFTFailure: Error, Hashable, Sendable {
    /// The kind.
    package enum Kind: String, Hashable, Sendable {
        /// libnftables or the kernel refused the commands.
        case refused
        /// The table to be listed is not there.
        case noTable = "no-table"
        /// libnftables was built without JSON.
        case noJSON = "no-json"
        /// The kernel refuses this process.
        case noPrivilege = "no-privilege"
        /// The network namespace cannot be entered.
        case noNamespace = "no-namespace"
        /// libnftables gave no context.
        case noContext = "no-context"
        /// The request was not understood.
        case badRequest = "bad-request"
    }

    /// The kind.
    package var kind: Kind
    /// What was said about it: libnftables' own text, as it is.
    package var text: String

    /// A failure.
    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// The messages of libnftables without the place that they all name, `internal:0:0-0: Error:`.
    package var messages: [String] {
        text.split(separator: "\n").compactMap { line in
            var message = line[...]
            for prefix in ["internal:0:0-0: ", "Error: "] where message.hasPrefix(prefix) {
                message.removeFirst(prefix.count)
            }
            return message.isEmpty ? nil : String(message)
        }
    }

    /// The index of the command that could not be read, where libnftables names it; the kernel's refusals name none.
    package var commandIndex: Int? {
        let (before, after) = ("Parsing command array at index ", " failed.")
        let index = messages.last { $0.hasPrefix(before) && $0.hasSuffix(after) }
        return index.flatMap { Int($0.dropFirst(before.count).dropLast(after.count)) }
    }
}
