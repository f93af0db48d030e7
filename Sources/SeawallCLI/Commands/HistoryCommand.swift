internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import JSONC
internal import PacketModel

/// The command `seawall history`.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List the states that were applied to this host.",
        discussion: """
            Newest last: number, time (UTC), who, what, and what became of it. 'seawall rollback --to N' applies one again; with \
            --document its policy is written, which every command reads: seawall history --document 3 | seawall plan - …
            """)

    @Option(help: ArgumentHelp("Write the policy document of a state.", valueName: "number"))
    var document: Int?

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = StateStore(.ofEnvironment(kernel.namespace))
        if let document { return try Terminal.write(try store.document(of: document).text(.pretty) + "\n") }
        let head = try store.head()
        let states = try store.states()
        if output.json {
            let report: JSONValue = [
                "current": head.current.map { .integer(Int64($0)) } ?? .null,
                "confirmed": head.confirmed.map { .integer(Int64($0)) } ?? .null,
                "states": .array(states.map(\.json)),
            ]
            return try Terminal.write(Report.text(report))
        }
        if states.isEmpty { return try Terminal.write("no state of Seawall's was applied to this host\n") }
        try Terminal.write(HistoryTable(states: states, head: head).text)
    }
}

/// The states as a table for people.
struct HistoryTable {
    let states: [AppliedState]
    let head: StateStore.Head

    /// A line for each state.
    var text: String {
        let rows = [["state", "time", "who", "what", "rules", "became"]] + states.map(row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func row(_ state: AppliedState) -> [String] {
        [
            String(state.number), UTCDate.text(state.time) + "Z", state.user, what(state), String(state.rules),
            became(state),
        ]
    }

    private func what(_ state: AppliedState) -> String {
        let backend = state.settings.backend.rawValue
        switch state.cause {
        case .apply: return "apply \(state.policy) (\(backend))"
        case .rollback(let to): return "rollback to \(to): \(state.policy) (\(backend))"
        case .repair: return "repair \(state.policy) (\(backend))"
        case .refresh: return "twin of \(state.policy) (\(backend))"
        case .migrate: return "migrate \(state.policy) (\(backend))"
        case .migrateBack: return "migrate back from \(state.policy)"
        case .dockerNFTables: return "ready for docker-nftables: \(state.policy) (\(backend))"
        case .dockerNFTablesBack: return "back from docker-nftables: \(state.policy) (\(backend))"
        }
    }

    private func became(_ state: AppliedState) -> String {
        switch state.outcome {
        case .begun: "cut short"
        case .confirmed: state.number == head.current ? "in force" : "confirmed"
        case .unconfirmed: "in force, not confirmed yet"
        case .expired: "not confirmed in time"
        case .undone: "undone"
        }
    }
}
