/// What a policy says, as a value: what its program writes, and what every later stage reads.
package struct PolicyDocument: Hashable, Sendable {
    /// The version of the format that this Seawall writes, and the only one that it reads.
    package static let version = 1

    /// A file that the policy reads.
    package struct File: Hashable, Sendable {
        /// The path as written in the policy.
        package var path: String
        /// The whole text; `nil` until the file is read.
        package var contents: String?

        /// A file.
        package init(path: String, contents: String?) {
            self.path = path
            self.contents = contents
        }
    }

    /// A rule of another firewall, from which a rule of this policy was made.
    package struct ImportedRule: Hashable, Sendable {
        /// What it is called where its counters are read: `DOCKER-USER:3`.
        package var rule: String
        /// Where it stood: `rules.v4:12`.
        package var origin: String

        /// A rule.
        package init(rule: String, origin: String) {
            self.rule = rule
            self.origin = origin
        }
    }

    /// The name of the policy's type.
    package var policy: String
    /// What wrote the document: `seawall 0.1.0`.
    package var generator: String
    /// The files that the policy names, in the order of their first use.
    package var files: [File]
    /// The policy.
    package var content: [PolicyNode]
    /// Of which rules of another firewall the rules were made, by their identifiers.
    package var imported: [String: [ImportedRule]] = [:]

    /// A document of content: gives each node its identifier, and lists the files.
    package init(policy: String, content: [PolicyNode]) {
        var identifiers = NodeIdentifiers()
        self.policy = policy
        generator = "seawall \(seawallVersion)"
        self.content = identifiers.assign(to: content, below: "")
        var seen: Set<[UInt8]> = []
        files = self.content.flatMap(\.fileReferences).filter { seen.insert($0.pathBytes).inserted }
            .map { File(path: $0.path, contents: nil) }
    }

    init(
        policy: String, generator: String, files: [File], content: [PolicyNode],
        imported: [String: [ImportedRule]] = [:]
    ) {
        self.imported = imported
        self.policy = policy
        self.generator = generator
        self.files = files
        self.content = content
    }

    /// The text of a file that the policy names.
    ///
    /// Paths are bytes: Swift takes `é` in its two spellings for one string.
    package func contents(of path: String) -> String? {
        files.first { $0.path.utf8.elementsEqual(path.utf8) }?.contents
    }
}

extension PolicyNode {
    /// The files that the node and its children name, in order.
    package var fileReferences: [FileReference] {
        switch self {
        case .block(let block): block.children.flatMap(\.fileReferences)
        case .chain(let chain): chain.children.flatMap(\.fileReferences)
        case .scope(let scope): scope.from.files + scope.children.flatMap(\.fileReferences)
        case .group(let group): group.children.flatMap(\.fileReferences)
        case .rule(let rule): rule.fileReferences
        case .expectation(let expectation): expectation.connections.fileReferences
        }
    }
}

extension RuleNode {
    fileprivate var fileReferences: [FileReference] {
        var all: [FileReference] = from.files
        all += to.files
        all += containerAddress.files
        for service in services { all += service.ports.files }
        all += containerPort.files
        return all + matches.flatMap(\.fileReferences)
    }
}

extension MatchNode {
    fileprivate var fileReferences: [FileReference] {
        switch values {
        case .addresses(let set): set.files
        case .ports(let set): set.files
        case .alternatives(let lists): lists.flatMap { $0.flatMap(\.fileReferences) }
        case .interfaces, .names, .numbers, .masked, .module, .rate, .bytes: []
        }
    }
}

extension ConnectionsNode {
    /// The files that are named, in order.
    package var fileReferences: [FileReference] {
        from.files + to.files + containerAddress.files + services.flatMap(\.ports.files) + containerPort.files
    }
}

extension AddressExpression {
    fileprivate var files: [FileReference] {
        leaves.compactMap { if case .file(let reference) = $0 { reference } else { nil } }
    }
}

extension PortExpression {
    fileprivate var files: [FileReference] {
        leaves.compactMap { if case .file(let reference) = $0 { reference } else { nil } }
    }
}
