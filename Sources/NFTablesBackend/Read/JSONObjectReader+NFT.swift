internal import JSONC

extension JSONObjectReader {
    /// The name of a table with its family.
    mutating func tableName(_ key: String) throws(JSONError) -> NFTTableName {
        NFTTableName(family: try string("family"), name: try string(key))
    }

    /// One flag or a list of flags.
    mutating func flags(_ key: String) throws(JSONError) -> [String] {
        try optional(key) { value, path throws(JSONError) in try NFTValueReader.flags([value], path) } ?? []
    }

    /// Takes what means nothing to packets.
    mutating func drop(_ keys: String...) {
        for key in keys { _ = take(key) }
    }

    /// Where a base chain stands; `nil` for another chain.
    mutating func hook(_ path: String) throws(JSONError) -> NFTChain.Hook? {
        let type = try optionalString("type")
        let hook = try optionalString("hook")
        let priority = take("prio")
        let policy = try optionalString("policy")
        guard type != nil || hook != nil || priority != nil || policy != nil else { return nil }
        guard let type, let hook, case .integer(let number)? = priority else {
            // libnftables takes such a chain for one that is never asked, and says nothing.
            throw JSONError(
                at: .path(path), "a base chain needs 'type', 'hook' and 'prio', and 'prio' has to be a number")
        }
        guard policy == nil || policy == "accept" || policy == "drop" else {
            throw JSONError(at: .path("\(path).policy"), "expected 'accept' or 'drop'")
        }
        return NFTChain.Hook(type: type, hook: hook, priority: Int(number), policy: policy ?? "accept")
    }
}
