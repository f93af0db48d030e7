internal import Diagnostics
internal import FirewallIR
internal import PacketModel

extension FilterTable {
    /// The program as a table; places are counted within each chain.
    init(_ program: IPTablesProgram) {
        var chains = program.builtIn.map { ($0.name, $0.policy as IPTablesPolicy?, $0.rules) }
        if !program.isWholeTable { chains.append((IPTablesNames.dockerUser, nil, program.entry)) }
        if !program.input.isEmpty { chains.append((IPTablesNames.inputChain, nil, program.input)) }
        chains += program.chains.map { ($0.name, nil, $0.rules) }
        self.init(
            family: program.family,
            chains: chains.map { name, policy, rules in
                FilterChain(
                    name, policy: policy, rules: rules.map { FilterRule(.rule($0), line: nil) })
            })
        for set in program.sets {
            // What is added to the set, and not what it was made from.
            let addresses = IPAddressSet(set.entries.map { IPAddressRange($0) })
            sets[set.name] = IPSet(name: set.name, family: set.family, addresses: addresses)
        }
    }

    /// The chains with which a selection begins.
    func entries(_ selection: IPTablesSelection, file: String) throws(DiagnosticError) -> [String] {
        switch selection {
        case .dockerUser: return [try known(IPTablesNames.dockerUser, file)]
        case .named(let name): return [try known(name, file)]
        case .whole:
            let found = IPTablesNames.builtIn.filter { chain($0) != nil }
            guard !found.isEmpty else { return [try known(IPTablesNames.builtIn[0], file)] }
            return found
        }
    }

    private func known(_ name: String, _ file: String) throws(DiagnosticError) -> String {
        guard chain(name) == nil else { return name }
        throw DiagnosticError(
            .unreadable, "chain-missing", at: SourceLocation(file: file), "the filter table has no chain '\(name)'",
            notes: [
                chains.isEmpty ? "it has no chains" : "it has \(chains.map { "'\($0.name)'" }.joined(separator: ", "))"
            ])
    }
}

extension IPTablesNames {
    /// The built-in chains of the filter table.
    package static let builtIn = ["INPUT", "FORWARD", "OUTPUT"]

    /// The hook at which a chain is asked first; a user chain stands for what Docker forwards.
    static func hook(of chain: String) -> Scope.Hook {
        switch chain {
        case "INPUT": .input
        case "FORWARD": .forward
        case "OUTPUT": .output
        default: .containers
        }
    }
}
