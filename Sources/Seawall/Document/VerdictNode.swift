internal import JSONC

/// What becomes of a packet that a rule matches.
package enum VerdictNode: Hashable, Sendable {
    /// Hands the packet on to Docker's own rules.
    case allow
    /// Ends the evaluation of the table.
    case accept
    case drop
    case reject(String)
    /// None, but a line in the log: the next rule is asked, too.
    case log
    /// None: the next rule is asked.
    case next
    /// Into another chain, and back at its end.
    case jump(String)
    /// Into another chain, and not back.
    case goto(String)
    /// Back to where the chain was jumped to.
    case `return`
    /// To a program that decides.
    case queue(QueueNode)
}

/// Queues of programs that decide about packets, as written.
package struct QueueNode: Hashable, Sendable {
    /// The first and the last queue over which packets are spread.
    package var first: Int
    package var last: Int
    /// Whether packets pass if no program listens.
    package var isBypassed: Bool
    /// Whether they are spread by processor.
    package var isByProcessor: Bool

    /// Queues.
    package init(_ first: Int, _ last: Int, isBypassed: Bool, isByProcessor: Bool) {
        self.first = first
        self.last = last
        self.isBypassed = isBypassed
        self.isByProcessor = isByProcessor
    }
}

extension VerdictNode {
    private static let names: [(VerdictNode, String)] = [
        (.allow, "allow"), (.accept, "accept"), (.drop, "drop"), (.log, "log"), (.next, "next"), (.return, "return"),
    ]

    var json: JSONValue {
        switch self {
        case .reject(let kind): ["reject": .string(kind)]
        case .jump(let name): ["jump": .string(name)]
        case .goto(let name): ["goto": .string(name)]
        case .queue(let queue): ["queue": queue.json]
        default: .string(Self.names.first { $0.0 == self }?.1 ?? "")
        }
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        if case .object = json {
            self = try Self.read(json, path: path)
            return
        }
        let name = try JSONObjectReader.string(json, path: path)
        guard let row = Self.names.first(where: { $0.1 == name }) else {
            let known = Self.names.map(\.1).joined(separator: ", ")
            throw JSONError(
                at: .path(path), "expected one of \(known), or {\"reject\": …}, jump, goto or queue, found '\(name)'")
        }
        self = row.0
    }

    private static func read(_ json: JSONValue, path: String) throws(JSONError) -> VerdictNode {
        var reader = try JSONObjectReader(json, path: path)
        let verdict: VerdictNode
        if let name = try reader.optionalString("jump") {
            verdict = .jump(name)
        } else if let name = try reader.optionalString("goto") {
            verdict = .goto(name)
        } else if let queue = reader.take("queue") {
            verdict = .queue(try QueueNode(json: queue, path: "\(path).queue"))
        } else {
            verdict = .reject(try reader.string("reject"))
        }
        try reader.finish()
        return verdict
    }
}

extension QueueNode {
    var json: JSONValue {
        var members = Members()
        members.add("first", .integer(Int64(first)))
        members.add("last", .integer(Int64(last)))
        members.add("bypass", isBypassed)
        members.add("byProcessor", isByProcessor)
        return members.json
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        first = try reader.integer("first")
        last = try reader.integer("last")
        isBypassed = try reader.flag("bypass")
        isByProcessor = try reader.flag("byProcessor")
        try reader.finish()
    }
}
