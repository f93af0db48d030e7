package import JSONC
internal import PacketModel

/// Moments in a listing: nft lists `meta time` as a date in its own zone, and takes seconds since 1970 as well.
package enum NFTMoments {
    /// The listing with seconds in the place of dates.
    ///
    /// - Parameter listing: what nft listed in a process whose zone is UTC.
    /// - Returns: the same where there are none.
    package static func asNumbers(_ listing: JSONValue) -> JSONValue {
        guard case .object(let members) = listing, case .array(let objects)? = listing["nftables"] else {
            return listing
        }
        return .object(
            members.map { member in
                member.key == "nftables" ? JSONMember(member.key, .array(objects.map(rule))) : member
            })
    }

    private static func rule(_ object: JSONValue) -> JSONValue {
        guard case .array(let expressions)? = object["rule"]?["expr"], expressions.contains(where: asksTime) else {
            return object
        }
        let changed = expressions.map { expression in
            asksTime(expression)
                ? expression.replacing("match") { match in match.replacing("right", with: number) } : expression
        }
        return object.replacing("rule") { $0.replacing("expr") { _ in .array(changed) } }
    }

    private static func asksTime(_ expression: JSONValue) -> Bool {
        expression["match"]?["left"]?["meta"]?["key"]?.string == "time"
    }

    /// The seconds of a date, also in the lists and ranges that a value may be.
    private static func number(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let date):
            UTCDate.instantAfter(date.replacing(" ", with: "T") + "Z").map { .integer($0) } ?? value
        case .array(let values): .array(values.map(number))
        case .object(let members): .object(members.map { JSONMember($0.key, number($0.value)) })
        default: value
        }
    }
}

extension JSONValue {
    /// An object with another value for a key.
    fileprivate func replacing(_ key: String, with change: (JSONValue) -> JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.key == key ? JSONMember(key, change($0.value)) : $0 })
    }
}
