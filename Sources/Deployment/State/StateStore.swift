internal import Diagnostics
package import FirewallIR
package import JSONC

/// The states of this host, on disk.
package struct StateStore: Sendable {
    /// Which states are in force.
    package struct Head: Hashable, Sendable {
        /// The state that is in force; nothing, if none of Seawall's is.
        package var current: Int?
        /// The last state that was confirmed: what a boot brings back.
        package var confirmed: Int?

        /// No state is in force.
        package init(current: Int? = nil, confirmed: Int? = nil) {
            self.current = current
            self.confirmed = confirmed
        }
    }

    /// Where they are kept.
    package let directory: StateDirectory
    /// How many states are kept, those in force apart.
    private let bound: Int

    /// The states in a folder, which need not exist.
    package init(_ directory: StateDirectory = .ofEnvironment(), keeping bound: Int = 50) {
        self.directory = directory
        self.bound = bound
    }

    // MARK: - Reading

    /// Which states are in force.
    ///
    /// - Throws: `DiagnosticError` that names the file, if it cannot be read.
    package func head() throws -> Head {
        guard let json = try self.json(directory.head) else { return Head() }
        return try read(directory.head) { () throws(JSONError) in
            var reader = try JSONObjectReader(json)
            let head = Head(
                current: try reader.optionalInteger("current"), confirmed: try reader.optionalInteger("confirmed"))
            try reader.finish()
            return head
        }
    }

    /// All states that are kept, oldest first.
    package func states() throws -> [AppliedState] {
        try DurableFiles.names(in: directory.states).compactMap { name in
            guard let number = Int(name) else { return nil }
            return try state(number)
        }
    }

    /// The record of a state; nothing, if it is not kept.
    package func state(_ number: Int) throws -> AppliedState? {
        let path = directory.state(number) + "/state.json"
        guard let json = try self.json(path) else { return nil }
        return try read(path) { () throws(JSONError) in try AppliedState(json: json) }
    }

    /// The state that is in force; nothing, if none of Seawall's is.
    package func current() throws -> AppliedState? { try head().current.flatMap { try state($0) } }

    /// The policy document of a state.
    ///
    /// - Throws: `DiagnosticError` if it is not kept.
    package func document(of number: Int) throws -> JSONValue {
        guard let json = try self.json(documentPath(of: number)) else { throw DiagnosticError.noSuchState(number) }
        return json
    }

    /// From what the policy of a state was read, where that was no policy; nothing for a policy.
    package func source(of number: Int) throws -> JSONValue? { try self.json(sourcePath(of: number)) }

    private func sourcePath(of number: Int) -> String { directory.state(number) + "/source.json" }

    /// The file that holds the policy document of a state.
    package func documentPath(of number: Int) -> String { directory.state(number) + "/policy.json" }

    // MARK: - Writing

    /// The number of the next state.
    package func nextNumber() throws -> Int {
        (try DurableFiles.names(in: directory.states).compactMap { Int($0) }.max() ?? 0) + 1
    }

    /// Keeps a new state with its policy.
    package func add(
        _ state: AppliedState, document: JSONValue, source: JSONValue? = nil, listeners: [ProxyListener] = [],
        taken: [TakenRules] = [], ready: ReadyRecord = ReadyRecord()
    ) throws {
        try DurableFiles.makeFolder(directory.state(state.number))
        try keep(ready, of: state.number)
        try keep(listeners, of: state.number)
        try keep(taken, of: state.number)
        if let source { try DurableFiles.write(Array(source.text().utf8), to: sourcePath(of: state.number)) }
        try DurableFiles.write(Array(document.text().utf8), to: documentPath(of: state.number))
        try update(state)
    }

    /// Writes the record of a state that is kept.
    package func update(_ state: AppliedState) throws {
        try write(state.json, to: directory.state(state.number) + "/state.json")
    }

    /// Says how a state ended.
    package func end(_ number: Int, _ outcome: AppliedState.Outcome) throws {
        guard var state = try state(number) else { return }
        state.outcome = outcome
        try update(state)
    }

    /// Says which states are in force: all of this at once.
    package func setHead(_ head: Head) throws {
        var members: [JSONMember] = []
        if let current = head.current { members.append(JSONMember("current", .integer(Int64(current)))) }
        if let confirmed = head.confirmed { members.append(JSONMember("confirmed", .integer(Int64(confirmed)))) }
        try write(.object(members), to: directory.head)
    }

    /// Forgets the oldest states, and those that only brought the twin up to date; never one that is in force or confirmed.
    package func prune() throws {
        let head = try head()
        let all = try states()
        // Without its state there is no way back from a migration.
        let migrated = all.last { $0.cause == .migrate && $0.outcome == .confirmed }?.number
        let old = all.filter { ![head.current, head.confirmed, migrated].contains($0.number) }
        let kept = old.filter { $0.cause != .refresh }.suffix(bound).map(\.number)
        for state in old where !kept.contains(state.number) {
            try DurableFiles.removeFolder(directory.state(state.number))
        }
    }

    // MARK: - JSON in files

    func json(_ path: String) throws -> JSONValue? {
        guard let bytes = try DurableFiles.read(path) else { return nil }
        return try read(path) { () throws(JSONError) in try JSONValue.parse(bytes) }
    }

    func write(_ json: JSONValue, to path: String) throws {
        try DurableFiles.makeFolder(directory.path)
        try DurableFiles.write(Array((json.text(.pretty) + "\n").utf8), to: path)
    }

    func read<T>(_ path: String, _ body: () throws(JSONError) -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw DiagnosticError.stateUnreadable(path, error)
        }
    }
}
