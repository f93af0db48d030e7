/// The name of a cache entry: a digest of all that a policy's document depends on.
struct CacheKey: Hashable, Sendable {
    private var hash = SHA256()

    /// Adds a named ingredient; lengths go in with the values, so that no two lists of ingredients read alike.
    mutating func add(_ name: String, _ value: String) { add(name, Array(value.utf8)) }

    /// Adds a named ingredient.
    mutating func add(_ name: String, _ value: [UInt8]) {
        hash.update(Array("\(name) \(value.count)\n".utf8))
        hash.update(value)
    }

    /// Adds a list, with the number of its members.
    mutating func add(_ name: String, _ values: [String]) {
        add(name, String(values.count))
        for value in values { add(name, value) }
    }

    /// Adds all files, with their paths.
    mutating func add(_ tree: SourceTree) {
        add("files", String(tree.files.count))
        for file in tree.files {
            add("path", file.path)
            add("contents", file.bytes)
        }
    }

    /// The key as 64 hexadecimal digits.
    var name: String { hash.hexadecimal() }
}

extension SourceTree {
    /// A digest of all files, with their paths.
    var digest: String {
        var key = CacheKey()
        key.add(self)
        return key.name
    }
}
