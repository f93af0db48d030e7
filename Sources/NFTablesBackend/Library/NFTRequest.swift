package import JSONC

/// A table of nftables by family and name.
package struct NFTTableName: Hashable, Sendable, CustomStringConvertible {
    /// The family: `inet`, `ip`, `ip6` and so on.
    package var family: String
    /// The name.
    package var name: String

    /// A table.
    package init(family: String, name: String) {
        self.family = family
        self.name = name
    }

    /// The one table that is Seawall's: `inet seawall`.
    package static let seawall = NFTTableName(family: "inet", name: "seawall")

    /// `inet seawall`.
    package var description: String { "\(family) \(name)" }
}

/// What the child process is asked to do: one line of JSON, and behind it the commands as libnftables gets them.
///
/// The commands are not part of the JSON of the request, so that fifty megabytes of them need not be read twice.
package struct NFTRequest: Hashable, Sendable {
    /// What is to be done.
    package enum Action: Hashable, Sendable {
        /// Runs the commands, in one transaction.
        case run(commands: [UInt8])
        /// Checks the commands, in the kernel as well, and changes nothing.
        case check(commands: [UInt8])
        /// Lists one table; `terse` leaves out the elements of sets.
        case list(NFTTableName, terse: Bool)
        /// Lists one table in nft's own language, without the elements of sets: for people.
        case listText(NFTTableName)
        /// Lists the chains of all tables, without rules, sets and elements.
        case listChains
        /// Loads text in nft's own language into a network namespace of the child's own, where nothing else is, and lists it
        /// as JSON. Nothing of this host is read or changed.
        case translate(text: [UInt8])
    }

    /// Where; the namespace of the process, if there is none.
    package var namespace: NetworkNamespace?
    /// What.
    package var action: Action

    /// A request.
    package init(_ action: Action, in namespace: NetworkNamespace? = nil) {
        self.action = action
        self.namespace = namespace
    }

    /// The bytes for the child's standard input.
    package var bytes: [UInt8] { parts.header + parts.commands }

    /// The same in two parts, so that fifty megabytes of commands are not copied behind their header.
    package var parts: (header: [UInt8], commands: [UInt8]) {
        let (members, commands) = encodedAction
        var header = members
        if let namespace { header.append(JSONMember("netns", .string(namespace.name))) }
        header.append(JSONMember("bytes", .integer(Int64(commands.count))))
        return (Array(JSONValue.object(header).text().utf8) + [UInt8(ascii: "\n")], commands)
    }

    private var encodedAction: ([JSONMember], [UInt8]) {
        switch action {
        case .run(let commands): ([JSONMember("mode", "run")], commands)
        case .check(let commands): ([JSONMember("mode", "check")], commands)
        case .translate(let text): ([JSONMember("mode", "translate")], text)
        case .list(let table, let terse):
            (
                [
                    JSONMember("mode", "list-table"), JSONMember("family", .string(table.family)),
                    JSONMember("table", .string(table.name)), JSONMember("terse", .bool(terse)),
                ], []
            )
        case .listText(let table):
            (
                [
                    JSONMember("mode", "list-text"), JSONMember("family", .string(table.family)),
                    JSONMember("table", .string(table.name)),
                ], []
            )
        case .listChains: ([JSONMember("mode", "list-chains")], [])
        }
    }

    /// Reads what `bytes` wrote.
    ///
    /// - Throws: `JSONError` if it is cut short, or if the commands are not the JSON that Seawall writes.
    package init(bytes: consuming [UInt8]) throws(JSONError) {
        let (header, commands) = try NFTFraming.split(bytes)
        var reader = try JSONObjectReader(header)
        let mode = try reader.string("mode")
        let isList = mode == "list-table" || mode == "list-text"
        namespace = try reader.optionalString("netns").map { NetworkNamespace($0) }
        let family = isList ? try reader.string("family") : ""
        let table = isList ? try reader.string("table") : ""
        let terse = try reader.flag("terse")
        _ = try reader.integer("bytes")
        try reader.finish()
        switch mode {
        case "list-table": action = .list(NFTTableName(family: family, name: table), terse: terse)
        case "list-text":
            // The names become words of nft's native syntax.
            guard NFTTableName(family: family, name: table) == .seawall else {
                throw JSONError(at: .path("$.table"), "only our own table is listed as text")
            }
            action = .listText(.seawall)
        case "list-chains": action = .listChains
        case "translate":
            guard !commands.contains(0), namespace == nil else {
                throw JSONError(at: .path("commands"), "expected text, for a namespace of its own")
            }
            action = .translate(text: commands)
        case "run", "check":
            // Text that is no JSON would be run in nft's native syntax, and an empty one would succeed.
            guard commands.starts(with: Self.start), commands.last == UInt8(ascii: "}"), !commands.contains(0) else {
                throw JSONError(at: .path("commands"), "expected '{\"nftables\":[…]}'")
            }
            action = mode == "run" ? .run(commands: commands) : .check(commands: commands)
        default: throw JSONError(at: .path("$.mode"), "the mode '\(mode)' is unknown")
        }
    }

    private static let start = Array("{\"nftables\":[{".utf8)
}

/// A line of JSON with the number of bytes that follow it.
enum NFTFraming {
    static func split(_ bytes: consuming [UInt8]) throws(JSONError) -> (header: JSONValue, rest: [UInt8]) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            throw JSONError(at: .position(line: 1, column: 1), "the message is cut short")
        }
        let header = try JSONValue.parse(bytes[..<end])
        bytes.removeSubrange(...end)
        guard header["bytes"]?.integer == Int64(bytes.count) else {
            throw JSONError(at: .position(line: 2, column: 1), "the message is cut short")
        }
        return (header, bytes)
    }
}
