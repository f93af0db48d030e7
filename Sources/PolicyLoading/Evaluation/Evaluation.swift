internal import JSONC

/// What came of a policy: its document, and what its compiler and its program said on the way.
struct Evaluation: Hashable, Sendable {
    /// A folder outside of the policy's own that went into it, with the digest of its files.
    struct Dependency: Hashable, Sendable {
        let path: String
        let digest: String
    }

    /// The document as the program wrote it.
    var document: String
    /// What the compiler said.
    var compiler = ""
    /// What the program wrote to standard output.
    var output = ""
    /// What the program wrote to standard error.
    var errors = ""
    /// Local packages that a policy package depends on.
    var dependencies: [Dependency] = []
}

extension Evaluation {
    /// The form that is kept in the cache.
    var json: JSONValue {
        [
            "compiler": .string(compiler), "output": .string(output), "errors": .string(errors),
            "dependencies": .array(dependencies.map { ["path": .string($0.path), "digest": .string($0.digest)] }),
            "document": .string(document),
        ]
    }

    /// Reads it back.
    init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        compiler = try reader.string("compiler")
        output = try reader.string("output")
        errors = try reader.string("errors")
        dependencies = try reader.array("dependencies") { (value, path) throws(JSONError) in
            var reader = try JSONObjectReader(value, path: path)
            return Dependency(path: try reader.string("path"), digest: try reader.string("digest"))
        }
        document = try reader.string("document")
        try reader.finish()
    }
}
