internal import Diagnostics
internal import FirewallIR
internal import Importing
internal import NFTablesBackend
internal import PacketModel

/// Rules that a user named, to be compared with others.
struct RulesetInput {
    /// As it was named.
    let name: String
    /// What the rules mean.
    let ruleset: Ruleset
    /// What was said on the way.
    let warnings: [Diagnostic]
    /// The mark that was taken for *accept* somewhere.
    var acceptMark: AcceptMark?
    /// Finds the text of a rule that stands in the kernel and comes from no policy that is known.
    var kernelText: (SourceLocation) -> String? = { _ in nil }
    private let shown: (SourceLocation) -> SourceLocation

    /// Rules with a name.
    ///
    /// - Parameters:
    ///   - name: as it was named.
    ///   - ruleset: what the rules mean.
    ///   - warnings: what was said on the way.
    ///   - shown: a place in it as the user would write it.
    init(
        name: String, ruleset: Ruleset, warnings: [Diagnostic] = [],
        shown: @escaping (SourceLocation) -> SourceLocation
    ) {
        self.name = name
        self.ruleset = ruleset
        self.warnings = warnings
        self.shown = shown
    }

    /// Reads what was named.
    ///
    /// - Throws: `DiagnosticError` that says what can be read, if it is something else.
    static func load(_ name: String, _ options: ComparisonOptions) async throws -> RulesetInput {
        let pipeline = try CompilationPipeline(try await options.load(name))
        var input = RulesetInput(
            name: name, ruleset: pipeline.ruleset, warnings: pipeline.warnings, shown: pipeline.source.shown)
        if case .rules(let rules) = pipeline.source, rules.usesAcceptMark {
            input.acceptMark = options.mark.acceptMark?.mark
        }
        return input
    }

    /// A place in it as the user would write it.
    func place(_ origin: SourceLocation) -> SourceLocation { shown(origin) }

    /// The rule of the kernel at a place, if it comes from no policy that is known.
    func text(at origin: SourceLocation) -> String? { kernelText(origin) }

    /// The same with its name before each place: `old.json:Policy.swift:12`.
    var named: RulesetInput {
        var copy = RulesetInput(name: name, ruleset: ruleset, warnings: warnings) { [name, shown] origin in
            let place = shown(origin)
            return SourceLocation(file: "\(name):\(place.file)", line: place.line)
        }
        copy.acceptMark = acceptMark
        copy.kernelText = kernelText
        return copy
    }

    /// The files in which its rules stand, as they are shown.
    var files: Set<String> {
        Set(ruleset.scopes.flatMap(\.chains).flatMap(\.rules).map { shown($0.origin).file })
    }
}

/// Two inputs, called A and B.
struct RulesetPair {
    let a: RulesetInput
    let b: RulesetInput
    /// What the two are called where a message has to name one.
    var sides = ["A", "B"]

    /// Two inputs; their places bear their names if they could be taken for each other's.
    ///
    /// Places of Swift files begin with what was named, those of documents do not.
    init(_ a: RulesetInput, _ b: RulesetInput) {
        let areMistakable = a.name != b.name && !a.files.isDisjoint(with: b.files)
        self.a = areMistakable ? a.named : a
        self.b = areMistakable ? b.named : b
    }

    /// Two inputs whose places are told apart already.
    init(told a: RulesetInput, _ b: RulesetInput, sides: [String]) {
        self.a = a
        self.b = b
        self.sides = sides
    }

    /// Reads both, one after the other.
    ///
    /// - Throws: `DiagnosticError` if one of them cannot be read.
    static func load(_ a: String, _ b: String, _ options: ComparisonOptions) async throws -> RulesetPair {
        if a == "-" && b == "-" {
            throw DiagnosticError(
                .unreadable, "one-input-for-two",
                "both rule sets are to come from standard input, which holds one text: name a file for the other")
        }
        return RulesetPair(try await .load(a, options), try await .load(b, options))
    }

    /// What a side takes for granted of Docker: the mark that it accepts.
    var assumption: DockerAssumption? { (a.acceptMark ?? b.acceptMark).map { DockerAssumption(mark: $0) } }

    /// That there is nothing to compare.
    func nothingInCommon(_ families: FamilySet) -> DiagnosticError {
        let spoken = [a, b].map { input in
            let scopes = input.ruleset.scopes.map(\.words).joined(separator: "; ")
            return "'\(input.name)' speaks of \(scopes.isEmpty ? "nothing" : scopes)"
        }
        let wanted = families == .both ? "" : " among \(families.words)"
        return DiagnosticError(
            .unreadable, "nothing-in-common",
            "there is no hook and family\(wanted) of which both rule sets speak: name two that do", notes: spoken)
    }
}

extension Scope {
    /// `containers, IPv4 and IPv6`.
    fileprivate var words: String { "\(hook.rawValue), \(families.words)" }
}

extension FamilySet {
    /// `IPv4 and IPv6`.
    fileprivate var words: String { families.map(\.displayName).joined(separator: " and ") }
}
