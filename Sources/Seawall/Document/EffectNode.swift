internal import JSONC

/// What a low-level rule does besides its verdict, as written.
package enum EffectNode: Hashable, Sendable {
    /// A line in the kernel's log; it has no rate of its own.
    case log(LogNode)
    /// A message to the listeners of a netlink group.
    case netlinkLog(NetlinkLogNode)
    /// Changes the packet's mark.
    case setMark(value: UInt32, mask: UInt32)
    /// Changes the connection's mark.
    case setConnectionMark(value: UInt32, mask: UInt32)
    /// Writes the packet's mark into the connection's.
    case saveMark(connectionMask: UInt32, packetMask: UInt32)
    /// Writes the connection's mark into the packet's.
    case restoreMark(connectionMask: UInt32, packetMask: UInt32)
    /// A target of iptables that goes on with the next rule.
    case module(ModuleNode)
    /// Counts packets and bytes.
    case count
}

/// A message to the listeners of a netlink group, as written.
package struct NetlinkLogNode: Hashable, Sendable {
    package var group: Int
    package var prefix: String
    /// How many bytes of the packet are sent; `nil` for all.
    package var size: Int?
    /// How many packets wait for one message.
    package var threshold: Int

    /// A message.
    package init(group: Int, prefix: String, size: Int?, threshold: Int) {
        self.group = group
        self.prefix = prefix
        self.size = size
        self.threshold = threshold
    }
}

/// A match or target of iptables by its name, with its options as words.
package struct ModuleNode: Hashable, Sendable {
    package var name: String
    package var words: [String]

    /// A module.
    package init(_ name: String, _ words: [String]) {
        self.name = name
        self.words = words
    }
}

extension EffectNode {
    var json: JSONValue {
        switch self {
        case .log(let log): ["log": log.json]
        case .netlinkLog(let log): ["netlinkLog": log.json]
        case .setMark(let value, let mask): ["setMark": Self.bits(("value", value), ("mask", mask))]
        case .setConnectionMark(let value, let mask):
            ["setConnectionMark": Self.bits(("value", value), ("mask", mask))]
        case .saveMark(let connection, let packet):
            ["saveMark": Self.bits(("connectionMask", connection), ("packetMask", packet))]
        case .restoreMark(let connection, let packet):
            ["restoreMark": Self.bits(("connectionMask", connection), ("packetMask", packet))]
        case .module(let module): ["module": module.json]
        case .count: "count"
        }
    }

    private static func bits(_ members: (String, UInt32)...) -> JSONValue {
        .object(members.map { JSONMember($0.0, .integer(Int64($0.1))) })
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        if json.string == "count" {
            self = .count
            return
        }
        var reader = try JSONObjectReader(json, path: path)
        if let value = reader.take("log") {
            self = .log(try LogNode(json: value, path: "\(path).log"))
        } else if let value = reader.take("netlinkLog") {
            self = .netlinkLog(try NetlinkLogNode(json: value, path: "\(path).netlinkLog"))
        } else if let value = reader.take("module") {
            self = .module(try ModuleNode(json: value, path: "\(path).module"))
        } else if let marks = try Self.marks(&reader, path: path) {
            self = marks
        } else {
            throw JSONError(
                at: .path(path),
                "expected count, or one of the keys log, netlinkLog, setMark, setConnectionMark, saveMark, restoreMark and module"
            )
        }
        try reader.finish()
    }

    private static func marks(_ reader: inout JSONObjectReader, path: String) throws(JSONError) -> EffectNode? {
        if let value = reader.take("setMark") {
            let (value, mask) = try pair(value, "value", "mask", path: "\(path).setMark")
            return .setMark(value: value, mask: mask)
        }
        if let value = reader.take("setConnectionMark") {
            let (value, mask) = try pair(value, "value", "mask", path: "\(path).setConnectionMark")
            return .setConnectionMark(value: value, mask: mask)
        }
        if let value = reader.take("saveMark") {
            let (connection, packet) = try pair(value, "connectionMask", "packetMask", path: "\(path).saveMark")
            return .saveMark(connectionMask: connection, packetMask: packet)
        }
        if let value = reader.take("restoreMark") {
            let (connection, packet) = try pair(value, "connectionMask", "packetMask", path: "\(path).restoreMark")
            return .restoreMark(connectionMask: connection, packetMask: packet)
        }
        return nil
    }

    private static func pair(
        _ json: JSONValue, _ first: String, _ second: String, path: String
    ) throws(JSONError) -> (UInt32, UInt32) {
        var reader = try JSONObjectReader(json, path: path)
        let pair = (try reader.bits(first), try reader.bits(second))
        try reader.finish()
        return pair
    }
}

extension NetlinkLogNode {
    var json: JSONValue {
        var members = Members()
        members.add("group", .integer(Int64(group)))
        members.add("prefix", prefix)
        if let size { members.add("size", .integer(Int64(size))) }
        members.add("threshold", .integer(Int64(threshold)))
        return members.json
    }

    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        group = try reader.integer("group")
        prefix = try reader.string("prefix")
        size = try reader.optionalInteger("size")
        threshold = try reader.integer("threshold")
        try reader.finish()
    }
}

extension ModuleNode {
    var json: JSONValue { ["name": .string(name), "words": .array(words.map(JSONValue.string))] }

    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        name = try reader.string("name")
        words = try reader.array("words") { (value, path) throws(JSONError) in
            try JSONObjectReader.string(value, path: path)
        }
        try reader.finish()
    }
}
