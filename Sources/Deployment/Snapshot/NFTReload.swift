package import JSONC
internal import NFTablesBackend

/// Commands that make our table again as it was listed, counters included.
///
/// A listing of nft 1.0.6 cannot be loaded as it is: maps stand in it before the chains to which their elements lead.
package enum NFTReload {
    /// The commands: one transaction that takes the place of what is there.
    ///
    /// - Parameter listing: `{"nftables": [OBJECT, …]}` of our table.
    /// - Returns: `{"nftables": [COMMAND, …]}`.
    package static func commands(_ listing: JSONValue) -> JSONValue {
        let table: JSONValue = [
            "table": [
                "family": .string(NFTTableName.seawall.family), "name": .string(NFTTableName.seawall.name),
            ]
        ]
        let objects = listing["nftables"]?.array ?? []
        func all(_ kinds: String...) -> [JSONValue] {
            objects.compactMap { object in
                guard case .object(let members) = object, let member = members.first, kinds.contains(member.key) else {
                    return nil
                }
                return ["add": .object([JSONMember(member.key, withoutHandle(member.value))])]
            }
        }
        let commands: [JSONValue] =
            [["add": table], ["delete": table], ["add": table]] + all("chain") + all("set", "map") + all("rule")
        return ["nftables": .array(commands)]
    }

    private static func withoutHandle(_ object: JSONValue) -> JSONValue {
        guard case .object(let members) = object else { return object }
        return .object(members.filter { $0.key != "handle" })
    }
}
