package import JSONC

/// The journal of a change of the host that is under way: enough for any process to finish or to undo it.
package struct PendingChange: Hashable, Sendable {
    /// How far it came.
    package enum Phase: String, Hashable, Sendable {
        /// The kernel may hold the former rules, the new ones, or some of both.
        case changing
        /// The new rules are in force, and go back unless they are confirmed.
        case unconfirmed
        /// The way back was begun.
        case restoring
    }

    /// The state to which it leads; no other change has this number.
    package var target: Int
    /// How far it came.
    package var phase: Phase
    /// Which states were in force before.
    package var former: StateStore.Head
    /// The boot in which it was begun: after another one the kernel holds nothing of it.
    package var bootID: String
    /// The process that makes the change.
    package var applier: ProcessIdentity?
    /// How long after the start of the host it has to be confirmed; nothing, if it need not be.
    package var deadline: Duration?
    /// How long that is altogether.
    package var window: Duration?
    /// The network namespace that is changed, if it is not the host's own.
    package var namespace: String?

    /// How long there is left to confirm it.
    package func left(_ clock: any HostClock) -> Duration? { deadline.map { max(.zero, $0 - clock.sinceBoot) } }
}

extension PendingChange {
    /// The journal as JSON.
    package var json: JSONValue {
        var members = [
            JSONMember("target", .integer(Int64(target))), JSONMember("phase", .string(phase.rawValue)),
            JSONMember("bootID", .string(bootID)),
        ]
        if let applier { members.append(JSONMember("applier", applier.json)) }
        if let current = former.current { members.append(JSONMember("formerCurrent", .integer(Int64(current)))) }
        if let confirmed = former.confirmed {
            members.append(JSONMember("formerConfirmed", .integer(Int64(confirmed))))
        }
        if let deadline { members.append(JSONMember("deadline", .integer(deadline.milliseconds))) }
        if let window { members.append(JSONMember("window", .integer(window.milliseconds))) }
        if let namespace { members.append(JSONMember("netns", .string(namespace))) }
        return .object(members)
    }

    /// Reads a journal.
    package init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        target = try reader.integer("target")
        phase = try word(Phase.self, try reader.string("phase"), "$.phase")
        bootID = try reader.string("bootID")
        applier = try reader.optional("applier") { (json, path) throws(JSONError) in
            try ProcessIdentity(json: json, path: path)
        }
        former = StateStore.Head(
            current: try reader.optionalInteger("formerCurrent"),
            confirmed: try reader.optionalInteger("formerConfirmed"))
        deadline = try reader.optionalInteger("deadline").map { .milliseconds($0) }
        window = try reader.optionalInteger("window").map { .milliseconds($0) }
        namespace = try reader.optionalString("netns")
        try reader.finish()
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}

extension StateStore {
    /// The change that is under way, or was cut short; nothing, if there is none.
    package func pendingChange() throws -> PendingChange? {
        guard let json = try self.json(directory.change) else { return nil }
        return try read(directory.change) { () throws(JSONError) in try PendingChange(json: json) }
    }

    /// What the host held before the change that is under way.
    package func formerSnapshot() throws -> HostSnapshot? {
        guard let json = try self.json(directory.before) else { return nil }
        return try read(directory.before) { () throws(JSONError) in try HostSnapshot(json: json) }
    }

    func keep(_ change: PendingChange) throws { try write(change.json, to: directory.change) }

    func keep(_ snapshot: HostSnapshot) throws {
        try DurableFiles.makeFolder(directory.path)
        try DurableFiles.write(Array(snapshot.json.text().utf8), to: directory.before)
    }

    /// Says that no change is under way.
    func endChange() throws {
        try DurableFiles.remove(directory.change)
        try DurableFiles.remove(directory.before)
    }
}
