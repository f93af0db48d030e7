internal import IPTablesBackend
internal import JSONC
internal import PacketModel

extension TakenRules {
    /// The rules as JSON: both chains as `iptables-save -c` prints them.
    var json: JSONValue {
        [
            "variant": .string(variant.rawValue), "family": .string(family.rawValue),
            "was": .string(Self.text(was)), "left": .string(Self.text(left)),
        ]
    }

    /// Reads a list.
    static func all(json: JSONValue, path: String) throws(JSONError) -> [TakenRules] {
        guard let items = json.array else { throw JSONError(at: .path(path), "expected an array") }
        var result: [TakenRules] = []
        for (index, item) in items.enumerated() { result.append(try TakenRules(json: item, path: "\(path)[\(index)]")) }
        return result
    }

    private init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        variant = try word(IPTablesVariant.self, try reader.string("variant"), "\(path).variant")
        family = try word(AddressFamily.self, try reader.string("family"), "\(path).family")
        was = try Self.rules(try reader.string("was"), "\(path).was")
        left = try Self.rules(try reader.string("left"), "\(path).left")
        try reader.finish()
    }

    static func text(_ rules: [SaveRule]) -> String {
        var undo = IPTablesUndo()
        undo.restore(SaveChain(name: IPTablesNames.dockerUser, rules: rules), named: IPTablesNames.dockerUser)
        return undo.text
    }

    static func rules(_ text: String, _ path: String) throws(JSONError) -> [SaveRule] {
        do throws(SaveListingError) {
            let listing = try SaveListing.parse(Array(text.utf8))
            return listing.table("filter")?.rules(of: IPTablesNames.dockerUser) ?? []
        } catch {
            throw JSONError(at: .path(path), "\(error)")
        }
    }
}

extension StateStore {
    /// The rules that the migration which led to a state took out of `DOCKER-USER`; none, if no migration did.
    package func taken(of number: Int) throws -> [TakenRules] {
        let path = directory.state(number) + "/taken.json"
        guard let json = try self.json(path) else { return [] }
        return try read(path) { () throws(JSONError) in try TakenRules.all(json: json, path: "$") }
    }

    func keep(_ taken: [TakenRules], of number: Int) throws {
        guard !taken.isEmpty else { return }
        try write(.array(taken.map(\.json)), to: directory.state(number) + "/taken.json")
    }
}
