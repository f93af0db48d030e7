internal import CLinux
internal import Glibc
internal import JSONC

extension Policy {
    /// Evaluates the policy and writes its document: what makes a policy with `@main` a program.
    public static func main() { PolicyProgram.run(Self.self) }

    /// The policy as a document, in JSON; the same policy always gives the same bytes.
    ///
    /// - Parameter root: the folder to which file names are relative; without it they stay as the compiler gives them.
    /// - Returns: the text, with a line feed at its end.
    public static func document(relativeTo root: String? = nil) -> String {
        makeDocument(relativeTo: root).json.text(.pretty) + "\n"
    }

    package static func makeDocument(relativeTo root: String?) -> PolicyDocument {
        let name = String(describing: Self.self)
        return PolicyDocument(policy: name, content: Self().body.nodes.map { $0.relative(to: root) })
    }
}

/// The end of a policy's program that speaks with `seawall`, which tells it by its environment where to write.
enum PolicyProgram {
    static func run<P: Policy>(_ policy: P.Type) {
        guard let path = environment("SEAWALL_DOCUMENT") else {
            print(policy.document(relativeTo: environment("SEAWALL_POLICY_ROOT")), terminator: "")
            return
        }
        let output = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        if output < 0 { fail("cannot write the document: \(String(cString: strerror(errno)))") }
        // From here on the policy's own code runs: what it says can depend on its source and arguments alone, and the files
        // that it names are read, and watched, by seawall.
        let failed = seawall_deny_files()
        if failed != 0 { fail("cannot close off the file system: \(String(cString: strerror(failed)))") }
        writeAll(policy.makeDocument(relativeTo: environment("SEAWALL_POLICY_ROOT")).json.text(), to: output)
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func writeAll(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { fail("cannot write the document: \(String(cString: strerror(errno)))") }
            done += count
        }
        if close(descriptor) != 0 { fail("cannot write the document: \(String(cString: strerror(errno)))") }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("seawall policy: \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        exit(70)
    }
}

extension PolicyNode {
    fileprivate func relative(to root: String?) -> PolicyNode {
        guard let root else { return self }
        func cut(_ location: NodeLocation) -> NodeLocation {
            let prefix = root.hasSuffix("/") ? root : root + "/"
            guard location.file.hasPrefix(prefix) else { return location }
            return NodeLocation(file: String(location.file.dropFirst(prefix.count)), line: location.line)
        }
        switch self {
        case .block(var block):
            block.location = cut(block.location)
            block.children = block.children.map { $0.relative(to: root) }
            return .block(block)
        case .chain(var chain):
            chain.location = cut(chain.location)
            chain.children = chain.children.map { $0.relative(to: root) }
            return .chain(chain)
        case .scope(var scope):
            scope.location = cut(scope.location)
            scope.children = scope.children.map { $0.relative(to: root) }
            return .scope(scope)
        case .group(var group):
            group.location = cut(group.location)
            group.children = group.children.map { $0.relative(to: root) }
            return .group(group)
        case .rule(var rule):
            rule.location = cut(rule.location)
            return .rule(rule)
        case .expectation(var expectation):
            expectation.location = cut(expectation.location)
            return .expectation(expectation)
        }
    }
}
