internal import FirewallIR
internal import IPTablesBackend
package import JSONC
internal import PacketModel

/// What was done to a host so that it is ready for Docker's own nft backend: kept with each state for as long as it holds.
package struct ReadyRecord: Hashable, Sendable {
    /// What our table stops in the place of policies of FORWARD.
    package var guards: [ForwardGuard]
    /// What was changed in iptables.
    package var places: [ReadiedPlace]

    /// A record.
    package init(guards: [ForwardGuard] = [], places: [ReadiedPlace] = []) {
        self.guards = guards
        self.places = places
    }

    /// Whether nothing was done.
    package var isEmpty: Bool { guards.isEmpty && places.isEmpty }

    /// The same with what is done besides.
    package func adding(_ other: ReadyRecord) -> ReadyRecord {
        ReadyRecord(guards: guards + other.guards, places: places.merging(other.places))
    }
}

extension [ReadiedPlace] {
    /// The places of both; what was done to one place one after the other is one.
    fileprivate func merging(_ others: [ReadiedPlace]) -> [ReadiedPlace] {
        var result = self
        for other in others {
            guard let index = result.firstIndex(where: { $0.variant == other.variant && $0.family == other.family })
            else {
                result.append(other)
                continue
            }
            result[index].opensPolicy = result[index].opensPolicy || other.opensPolicy
            result[index].dockerUser = result[index].dockerUser ?? other.dockerUser
        }
        return result
    }
}

// MARK: - As JSON

extension ReadyRecord {
    /// The record as JSON.
    package var json: JSONValue {
        ["guards": .array(guards.map(\.json)), "places": .array(places.map(\.json))]
    }

    init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        guards = try reader.array("guards") { (value, path) throws(JSONError) in
            try ForwardGuard(json: value, path: path)
        }
        places = try reader.array("places") { (value, path) throws(JSONError) in
            try ReadiedPlace(json: value, path: path)
        }
        try reader.finish()
    }
}

extension ReadiedPlace {
    /// The place as JSON; its rules as `iptables-save -c` prints them.
    var json: JSONValue {
        var members = [
            JSONMember("variant", .string(variant.rawValue)), JSONMember("family", .string(family.rawValue)),
        ]
        if opensPolicy { members.append(JSONMember("opensPolicy", true)) }
        if let dockerUser {
            if let position = dockerUser.position { members.append(JSONMember("jump", .integer(Int64(position)))) }
            members.append(JSONMember("rules", .string(TakenRules.text(dockerUser.rules))))
        }
        return .object(members)
    }

    fileprivate init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let variant = try word(IPTablesVariant.self, try reader.string("variant"), "\(path).variant")
        let family = try word(AddressFamily.self, try reader.string("family"), "\(path).family")
        let opensPolicy = try reader.flag("opensPolicy")
        let position = try reader.optionalInteger("jump")
        var dockerUser: DockerUser?
        if let text = try reader.optionalString("rules") {
            dockerUser = DockerUser(position: position, rules: try TakenRules.rules(text, "\(path).rules"))
        }
        try reader.finish()
        self.init(variant: variant, family: family, opensPolicy: opensPolicy, dockerUser: dockerUser)
    }

    /// Reads a list.
    static func all(json: JSONValue, path: String) throws(JSONError) -> [ReadiedPlace] {
        guard let items = json.array else { throw JSONError(at: .path(path), "expected an array") }
        var result: [ReadiedPlace] = []
        for (index, item) in items.enumerated() {
            result.append(try ReadiedPlace(json: item, path: "\(path)[\(index)]"))
        }
        return result
    }
}

extension ForwardGuard {
    fileprivate var json: JSONValue {
        var members = [
            JSONMember("family", .string(family.rawValue)), JSONMember("variant", .string(variant.rawValue)),
            JSONMember("docker", .array(docker.map { .string($0) })),
            JSONMember("others", .array(others.map { .string($0) })),
        ]
        for (name, list) in [("closed", closed), ("acceptMarks", acceptMarks)] where !list.isEmpty {
            members.append(JSONMember(name, .array(list.map { .string($0) })))
        }
        return .object(members + [JSONMember("text", .string(text))])
    }

    fileprivate init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        func names(_ key: String, _ reader: inout JSONObjectReader) throws(JSONError) -> [String] {
            try reader.array(key) { (value, path) throws(JSONError) in try JSONObjectReader.string(value, path: path) }
        }
        let family = try word(AddressFamily.self, try reader.string("family"), "\(path).family")
        let variant = try word(IPTablesVariant.self, try reader.string("variant"), "\(path).variant")
        let docker = try names("docker", &reader)
        let others = try names("others", &reader)
        func optional(_ key: String) throws(JSONError) -> [String] {
            try reader.optional(key) { (value, path) throws(JSONError) -> [String] in
                guard let items = value.array else { throw JSONError(at: .path(path), "expected an array") }
                var names: [String] = []
                for item in items { names.append(try JSONObjectReader.string(item, path: path)) }
                return names
            } ?? []
        }
        let closed = try optional("closed")
        let marks = try optional("acceptMarks")
        self.init(
            variant: variant, family: family, docker: docker, others: others, closed: closed, acceptMarks: marks,
            text: try reader.string("text"))
        try reader.finish()
    }
}

extension StateStore {
    /// What was done to the host so that it is ready for Docker's own nft backend, as of a state; nothing without it, or
    /// without a state.
    package func ready(of number: Int?) throws -> ReadyRecord {
        guard let number else { return ReadyRecord() }
        let path = directory.state(number) + "/ready.json"
        guard let json = try self.json(path) else { return ReadyRecord() }
        return try read(path) { () throws(JSONError) in try ReadyRecord(json: json) }
    }

    /// What was done to the host so, as of the state in force.
    package func readyNow() throws -> ReadyRecord { try ready(of: head().current) }

    func keep(_ ready: ReadyRecord, of number: Int) throws {
        guard !ready.isEmpty else { return }
        try write(ready.json, to: directory.state(number) + "/ready.json")
    }
}
