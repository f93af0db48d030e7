package import Diagnostics

/// Gives the rules that are read back from a backend's syntax the identifiers, places and comments of the policy.
///
/// A rule of the policy may have become several: the first bears its identifier, the others the identifier with a number.
/// A rule that says nothing of the policy is called by its chain and position. Each name is given once.
package struct LiftedRuleNames {
    /// What a rule is called, and where it was written.
    package struct Name {
        package var id: String
        package var origin: SourceLocation
        /// The author's words, without the identifier.
        package var comment: String?

        /// A name.
        package init(id: String, origin: SourceLocation, comment: String? = nil) {
            self.id = id
            self.origin = origin
            self.comment = comment
        }
    }

    private let prefix: String
    private let origins: [String: SourceLocation]
    /// How many rules of an identifier there were; each name that was given stands here as well.
    private var counts: [String: Int] = [:]

    /// Names by comments that begin with a prefix; what is known of the places in the policy by their identifiers.
    package init(prefix: String, origins: [String: SourceLocation]) {
        self.prefix = prefix
        self.origins = origins
    }

    /// The name of the next rule, whose position counts from 1.
    package mutating func name(comment: String?, chain: String, position: Int) -> Name {
        let place = SourceLocation(file: chain, line: position)
        guard let comment, !comment.isEmpty else { return Name(id: unused("\(chain):\(position)"), origin: place) }
        guard let (id, text) = parts(of: comment) else {
            return Name(id: unused("\(chain):\(position)"), origin: place, comment: comment)
        }
        return Name(id: unused(id), origin: origins[id] ?? place, comment: text)
    }

    /// The identifier in a comment, and what follows it.
    private func parts(of comment: String) -> (id: String, text: String?)? {
        guard comment.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = comment.utf8.dropFirst(prefix.utf8.count)
        let id = rest.prefix { $0 != UInt8(ascii: " ") }
        guard !id.isEmpty else { return nil }
        let text = rest.dropFirst(id.count + 1)
        return (String(Substring(id)), text.isEmpty ? nil : String(Substring(text)))
    }

    private mutating func unused(_ id: String) -> String {
        var count = Self.counted(&counts[id, default: 0])
        if count == 1 { return id }
        var name = "\(id).\(count)"
        while counts[name] != nil {
            count += 1
            name = "\(id).\(count)"
        }
        counts[id] = count
        counts[name] = 1
        return name
    }

    /// One more than there were.
    private static func counted(_ count: inout Int) -> Int {
        count += 1
        return count
    }
}
