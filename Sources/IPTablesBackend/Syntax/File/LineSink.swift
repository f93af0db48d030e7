internal import Diagnostics
internal import PacketModel

/// Takes the lines of a text, and keeps what they made: tables by family, and messages.
struct LineSink {
    private let file: String
    /// The current line, from 1.
    var line = 0
    private var states: [FileState] = []
    private var diagnostics: [Diagnostic] = []
    private var comments: [String] = []
    private var unresolved: [ChainReference] = []

    /// The tables of one family.
    private struct FileState {
        let family: AddressFamily
        var tables: [TableState] = []
        /// Which table `*NAME` opened.
        var open: Int?
    }

    /// A target that was no chain yet when its rule was read.
    private struct ChainReference {
        let state: Int
        let table: Int
        let chain: String
        let line: Int
        let rule: String
    }

    init(file: String) { self.file = file }

    private var location: SourceLocation { SourceLocation(file: file, line: line) }

    // MARK: - Messages

    mutating func comment(_ text: String) { comments.append(text) }

    mutating func repaired(_ message: String) {
        diagnostics.append(Diagnostic("iptables-repaired", .warning, at: location, message))
    }

    mutating func ignored(_ message: String) {
        diagnostics.append(Diagnostic("iptables-ignored", .warning, at: location, message))
    }

    private mutating func rewritten(_ notes: [RuleNote], start: Int) {
        for note in notes {
            let place = SourceLocation(file: file, line: line, column: note.column)
            diagnostics.append(Diagnostic("iptables-rewritten", .warning, at: place, note.message))
        }
    }

    /// Says why a line is not taken.
    mutating func refuse(_ problem: RuleProblem, _ text: String) {
        diagnostics.append(problem.diagnostic(at: location, rule: text))
    }

    /// Says why a line is not taken, and keeps it in its chain if that is known: the words before the problem say it.
    mutating func refuse(_ problem: RuleProblem, _ text: String, words: [RuleWord]) {
        refuse(problem, text)
        guard let state = states.indices.last, let table = states[state].open else { return }
        keepRefused(words, from: 0, state, table, text)
    }

    // MARK: - Tables

    func hasOpenTable(_ family: AddressFamily) -> Bool { states.contains { $0.family == family && $0.open != nil } }

    func hasTable(_ family: AddressFamily) -> Bool { states.contains { $0.family == family && !$0.tables.isEmpty } }

    private mutating func state(_ family: AddressFamily) -> Int {
        if let place = states.firstIndex(where: { $0.family == family }) { return place }
        states.append(FileState(family: family))
        return states.count - 1
    }

    private mutating func takeComments() -> [String] {
        defer { comments = [] }
        return comments
    }

    /// Begins a table.
    mutating func open(_ name: String, _ family: AddressFamily, isOpened: Bool = true) {
        let state = state(family)
        if let open = states[state].open, isOpened {
            repaired(
                "the table '\(states[state].tables[open].name)' has no COMMIT before the next one: read as if it had")
        }
        if isOpened, states[state].tables.contains(where: { $0.name == name }) {
            repaired("the table '\(name)' stands twice: iptables-restore leaves what the last one says")
        }
        var table = TableState(name: name, line: line, comments: takeComments(), isOpened: isOpened)
        if let before = states[state].tables.last(where: { $0.name == name }), isOpened { table.inherit(before) }
        states[state].tables.append(table)
        states[state].open = states[state].tables.count - 1
    }

    /// Ends the open table.
    mutating func commit(_ family: AddressFamily) {
        let state = state(family)
        guard let open = states[state].open else { return }
        states[state].tables[open].lastComments = takeComments()
        states[state].open = nil
    }

    /// The table that a line without one belongs to, and whether it was opened.
    private mutating func table(_ name: String?, _ family: AddressFamily, isShell: Bool) throws(RuleProblem) -> (
        Int, Int
    ) {
        let state = state(family)
        if let open = states[state].open, !isShell {
            if let name, name != states[state].tables[open].name {
                throw RuleProblem(.rejected, "'-t \(name)' stands in the table '\(states[state].tables[open].name)'")
            }
            return (state, open)
        }
        let wanted = name ?? "filter"
        guard !TableState.builtInChains(wanted).isEmpty else { throw RuleProblem(.unknown, "'\(wanted)' is no table") }
        if let place = states[state].tables.lastIndex(where: { $0.name == wanted }) { return (state, place) }
        states[state].tables.append(TableState(name: wanted, line: line, comments: takeComments(), isOpened: false))
        return (state, states[state].tables.count - 1)
    }

    // MARK: - Chains

    /// `:NAME POLICY [PACKETS:BYTES]`.
    mutating func declare(_ words: [RuleWord], _ family: AddressFamily) throws(RuleProblem) {
        let state = state(family)
        guard let table = states[state].open, let first = words.first else { return }
        let name = try RuleWord(String(first.text.dropFirst()), column: first.column + 1).chainName()
        guard words.count > 1 else {
            throw RuleProblem(.syntax, "expected a policy behind ':\(name)': ACCEPT, DROP or '-'")
        }
        let policy = try policy(words[1], chain: name, table: states[state].tables[table].name)
        let counters = words.count > 2 ? SaveCounters(words[2].text) : nil
        if words.count > 2, counters == nil {
            repaired("'\(words[2].text)' are no counters: left away, as iptables-restore does")
        }
        let chain = IPTablesFileChain(
            name: name, policy: policy, counters: counters, line: line, comments: takeComments())
        guard let place = states[state].tables[table].place(name) else {
            _ = states[state].tables[table].add(chain)
            return
        }
        redeclare(chain, state, table, place)
    }

    private mutating func redeclare(_ chain: IPTablesFileChain, _ state: Int, _ table: Int, _ place: Int) {
        let wasDeclared = states[state].tables[table].chains[place].chain.isDeclared
        let isBuiltIn = TableState.builtInChains(states[state].tables[table].name).contains(chain.name)
        repaired(
            wasDeclared
                ? "the chain '\(chain.name)' is declared twice: the last declaration counts, and empties a chain that is not built in"
                : "the chain '\(chain.name)' is declared behind its rules: read as if it were before them")
        states[state].tables[table].change(place) { known in
            known.chain.isDeclared = true
            // With '--noflush'; without, iptables-restore refuses the text.
            if wasDeclared && !isBuiltIn { known.removeAll() }
            known.chain.policy = chain.policy
            known.chain.counters = chain.counters
            known.chain.line = chain.line
            known.chain.comments += chain.comments
        }
    }

    private func policy(
        _ word: RuleWord, chain: String, table: String
    ) throws(RuleProblem) -> IPTablesPolicy? {
        guard word.text != "-" else { return nil }
        guard let policy = IPTablesPolicy(rawValue: word.text) else {
            throw word.rejected("'\(word.text)' is no policy: expected ACCEPT, DROP or '-'")
        }
        guard TableState.builtInChains(table).contains(chain) else {
            throw word.rejected("'\(chain)' is no built-in chain, and has no policy: write '-'")
        }
        return policy
    }

    /// The place of a chain that a rule is put into; makes it if it is not there.
    private mutating func place(_ chain: String, _ state: Int, _ table: Int, isShell: Bool) -> Int {
        if let place = states[state].tables[table].place(chain) { return place }
        let isBuiltIn = TableState.builtInChains(states[state].tables[table].name).contains(chain)
        if !isBuiltIn, !(isShell && chain == "DOCKER-USER") {
            repaired(
                "the chain '\(chain)' is not declared before its rules: iptables takes them only if it is there already"
            )
        }
        return states[state].tables[table].add(IPTablesFileChain(name: chain, isDeclared: false, line: line))
    }

    // MARK: - Rules

    /// Carries out a line of words: `-A CHAIN RULE` and the other commands.
    ///
    /// - Parameters:
    ///   - words: all words of the line.
    ///   - start: where the command begins.
    ///   - counters: those before it.
    ///   - family: the family of the rules.
    ///   - isShell: whether it is a command of a shell, which names its table.
    ///   - mayFail: whether the script goes on if it fails.
    ///   - rest: the text of the line from a column on.
    mutating func run(
        _ words: [RuleWord], from start: Int, _ counters: SaveCounters?, _ family: AddressFamily, isShell: Bool,
        mayFail: Bool = false, rest: (Int) -> String
    ) {
        do {
            let raw = RawCommand(words, from: start)
            let (state, table) = try table(raw.table, family, isShell: isShell)
            guard states[state].tables[table].name == "filter" else {
                return try runRaw(raw, state, table, counters, isShell: isShell, rest: rest)
            }
            do {
                var line = try CommandReader.read(words, from: start, family: family)
                line.counters = line.counters ?? counters
                rewritten(line.notes, start: start)
                if let only = line.family, only != family {
                    return ignored("'-\(only == .ip ? 4 : 6)' leaves the line to the other family")
                }
                try carryOut(line, state, table, isShell: isShell, mayFail: mayFail, rest: rest)
            } catch {
                refuse(error, rest(1))
                keepRefused(
                    words, from: start, state, table, raw.rule.map { isShell ? raw.quotedRule : rest($0) } ?? "")
            }
        } catch {
            refuse(error, rest(1))
        }
    }

    private mutating func carryOut(
        _ line: CommandLine, _ state: Int, _ table: Int, isShell: Bool, mayFail: Bool, rest: (Int) -> String
    ) throws(RuleProblem) {
        guard let command = line.command else { throw RuleProblem(.rejected, "expected a command such as '-A CHAIN'") }
        let contents = line.rules.map { IPTablesFileRule.Content.rule($0) }
        try change(command, contents, line.counters, state, table, isShell: isShell, mayFail: mayFail)
        guard case .rule(let rule)? = contents.first else { return }
        switch (command, rule.target) {
        case (.append, .jump(let chain)?), (.insert, .jump(let chain)?), (.replace, .jump(let chain)?),
            (.append, .goto(let chain)?), (.insert, .goto(let chain)?), (.replace, .goto(let chain)?):
            if states[state].tables[table].place(chain) == nil {
                unresolved.append(
                    ChainReference(state: state, table: table, chain: chain, line: self.line, rule: rest(1)))
            }
        default: break
        }
    }

    private mutating func runRaw(
        _ raw: RawCommand, _ state: Int, _ table: Int, _ counters: SaveCounters?, isShell: Bool, rest: (Int) -> String
    ) throws(RuleProblem) {
        guard let command = try raw.command() else {
            throw RuleProblem(.rejected, "expected a command such as '-A CHAIN'")
        }
        let text = raw.rule.map { isShell ? raw.quotedRule : rest($0) } ?? ""
        try change(command, [.raw(text)], counters, state, table, isShell: isShell, mayFail: false)
    }

    private mutating func keepRefused(_ words: [RuleWord], from start: Int, _ state: Int, _ table: Int, _ text: String)
    {
        guard let diagnostic = diagnostics.last else { return }
        let raw = RawCommand(words, from: start)
        guard let command = try? raw.command() else { return }
        switch command {
        case .append, .insert:
            try? change(command, [.refused(text, diagnostic)], nil, state, table, isShell: true, mayFail: true)
        default: break
        }
    }

    private mutating func change(
        _ command: TableCommand, _ contents: [IPTablesFileRule.Content], _ counters: SaveCounters?, _ state: Int,
        _ table: Int, isShell: Bool, mayFail: Bool
    ) throws(RuleProblem) {
        let number = line
        switch command {
        case .append(let chain):
            let place = place(chain, state, table, isShell: isShell)
            for content in contents {
                let rule = IPTablesFileRule(content, line: number, counters: counters, comments: takeComments())
                states[state].tables[table].change(place) { $0.append(rule) }
            }
        case .insert(let chain, let position):
            let place = place(chain, state, table, isShell: isShell)
            for content in contents {
                let rule = IPTablesFileRule(content, line: number, counters: counters, comments: takeComments())
                guard states[state].tables[table].change(place, { $0.insert(rule, at: position) }) else {
                    throw noSuchRule(position, chain)
                }
            }
        default: try changeOther(command, contents, counters, state, table, mayFail: mayFail, isShell: isShell)
        }
    }

    private mutating func changeOther(
        _ command: TableCommand, _ contents: [IPTablesFileRule.Content], _ counters: SaveCounters?, _ state: Int,
        _ table: Int, mayFail: Bool, isShell: Bool
    ) throws(RuleProblem) {
        switch command {
        case .delete(let chain, let position):
            do {
                try delete(contents, position, try known(chain, state, table), state, table)
            } catch {
                if !mayFail { throw error }
                ignored("\(error.message): nothing is deleted")
            }
        case .replace(let chain, let position):
            let place = try known(chain, state, table)
            guard let content = contents.first else { return }
            let rule = IPTablesFileRule(content, line: line, counters: counters, comments: takeComments())
            guard states[state].tables[table].change(place, { $0.replace(at: position, with: rule) }) else {
                throw noSuchRule(position, chain)
            }
        case .newChain(let chain): try makeChain(chain, state, table, mayFail: mayFail)
        case .deleteChain(let chain):
            if let chain, states[state].tables[table].place(chain) == nil {
                return ignored("there is no chain '\(chain)' to delete")
            }
            states[state].tables[table].remove(chain)
        case .flush(let chain):
            states[state].tables[table].flush(
                try chain.map { name throws(RuleProblem) in
                    flushed(name, state, table)
                })
        case .policy(let chain, let word): try setPolicy(chain, RuleWord(word, column: 1), state, table)
        case .look(let option): ignored("'\(option)' changes no rule")
        case .append, .insert: break
        }
    }

    /// A chain that is emptied is there, also if the text does not make it.
    private mutating func flushed(_ chain: String, _ state: Int, _ table: Int) -> Int {
        states[state].tables[table].place(chain)
            ?? states[state].tables[table].add(IPTablesFileChain(name: chain, isDeclared: false, line: line))
    }

    private func known(_ chain: String, _ state: Int, _ table: Int) throws(RuleProblem) -> Int {
        guard let place = states[state].tables[table].place(chain) else {
            throw RuleProblem(.rejected, "the text has no chain '\(chain)' before this line")
        }
        return place
    }

    private func noSuchRule(_ position: Int, _ chain: String) -> RuleProblem {
        RuleProblem(.rejected, "the chain '\(chain)' has no position \(position) in this text")
    }

    private mutating func delete(
        _ contents: [IPTablesFileRule.Content], _ position: Int?, _ place: Int, _ state: Int, _ table: Int
    ) throws(RuleProblem) {
        let name = states[state].tables[table].chains[place].chain.name
        if let position {
            guard states[state].tables[table].change(place, { $0.remove(at: position) }) else {
                throw noSuchRule(position, name)
            }
            return
        }
        for content in contents {
            guard let found = states[state].tables[table].chains[place].position(of: content) else {
                throw RuleProblem(.rejected, "the chain '\(name)' has no such rule before this line")
            }
            _ = states[state].tables[table].change(place) { $0.remove(at: found) }
        }
    }

    private mutating func makeChain(_ chain: String, _ state: Int, _ table: Int, mayFail: Bool) throws(RuleProblem) {
        guard let place = states[state].tables[table].place(chain) else {
            _ = states[state].tables[table].add(
                IPTablesFileChain(name: chain, line: line, comments: takeComments()))
            return
        }
        guard !states[state].tables[table].chains[place].chain.isDeclared else {
            if mayFail { return ignored("the chain '\(chain)' is there already") }
            throw RuleProblem(.rejected, "the chain '\(chain)' is there already")
        }
        states[state].tables[table].change(place) { $0.chain.isDeclared = true }
    }

    private mutating func setPolicy(_ chain: String, _ word: RuleWord, _ state: Int, _ table: Int) throws(RuleProblem) {
        guard let policy = try policy(word, chain: chain, table: states[state].tables[table].name) else {
            throw word.rejected("'-' is no policy: expected ACCEPT or DROP")
        }
        let place = flushed(chain, state, table)
        states[state].tables[table].change(place) { known in
            known.chain.policy = policy
            known.chain.isDeclared = true
        }
    }

    // MARK: - The end

    /// The files, once the text has ended.
    mutating func finish(family: AddressFamily) -> IPTablesReading {
        for state in states {
            if let open = state.open, state.tables[open].isOpened {
                diagnostics.append(
                    Diagnostic(
                        "iptables-repaired", .warning, at: SourceLocation(file: file, line: state.tables[open].line),
                        "the table '\(state.tables[open].name)' has no COMMIT, so iptables would load nothing of it: the text may be cut short"
                    ))
            }
        }
        resolveChains()
        if states.isEmpty, !diagnostics.contains(where: { $0.severity == .error }) {
            diagnostics.append(
                Diagnostic("iptables-empty", at: SourceLocation(file: file), "the text holds no rules of iptables"))
        }
        return IPTablesReading(files: files(family), diagnostics: diagnostics.sortedByLine)
    }

    private mutating func files(_ family: AddressFamily) -> [IPTablesFile] {
        var files = states.map { state in
            IPTablesFile(name: file, family: state.family, tables: state.tables.map(\.finished))
        }
        if files.isEmpty { files = [IPTablesFile(name: file, family: family)] }
        files[0].trailer = takeComments()
        return files
    }

    private mutating func resolveChains() {
        for reference in unresolved {
            let place = SourceLocation(file: file, line: reference.line)
            if states[reference.state].tables[reference.table].place(reference.chain) != nil {
                diagnostics.append(
                    Diagnostic(
                        "iptables-repaired", .warning, at: place,
                        "the chain '\(reference.chain)' is declared behind the rule that names it: read as if it were before it"
                    ))
            } else {
                diagnostics.append(
                    RuleProblem(
                        .unknown, "'\(reference.chain)' is neither a target that is known nor a chain of this text"
                    )
                    .diagnostic(at: place, rule: reference.rule))
            }
        }
    }
}

extension [Diagnostic] {
    /// In the order of the lines, those of one line as they came.
    fileprivate var sortedByLine: [Diagnostic] {
        enumerated().sorted { one, other in
            let (a, b) = (one.element.location?.line ?? 0, other.element.location?.line ?? 0)
            return a == b ? one.offset < other.offset : a < b
        }.map(\.element)
    }
}
