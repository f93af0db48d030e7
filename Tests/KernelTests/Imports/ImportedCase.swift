import PacketLab
import PacketModel
import Testing

/// Rules of iptables as somebody wrote them, and what becomes of packets under them.
///
/// iptables-legacy itself loads the text, and `seawall compile` makes nft rules of it: the same is expected of both.
struct ImportedCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The families for which the text is tried, one after the other.
    var families: [AddressFamily] = [.ip]
    /// How the text is written and loaded.
    var form = Form.dockerUser
    /// What the compiler is told besides.
    var options: [String] = []
    /// The zone of the clock by which both programs go; `TZ`.
    var zone = "UTC"
    /// Rules of Docker behind `DOCKER-USER`.
    var docker: [String] = []
    /// Whether each packet is sent only when it is known what became of the one before.
    var isSentOneByOne = false
    private let before: @Sendable (AddressFamily) -> [Probe]
    private let lines: @Sendable (AddressFamily, Lab) throws -> [String]
    private let expected: @Sendable (AddressFamily) -> [Expectation]

    /// What a text is.
    enum Form: Sendable {
        /// Rules of `DOCKER-USER`, and whole lines of a file for `iptables-restore --noflush`.
        case dockerUser
        /// The lines of a whole filter table, for `iptables-restore`.
        case table
        /// Commands for a shell.
        case commands
    }

    /// A case.
    ///
    /// - Parameters:
    ///   - name: what is tried.
    ///   - before: packets that pass before the rules are there, and open connections.
    ///   - lines: the text; lines that begin with neither `-A` nor `:` are rules of `DOCKER-USER`.
    ///   - expected: the packets that are sent then, and what should become of them.
    init(
        _ name: String, after before: @escaping @Sendable (AddressFamily) -> [Probe] = { _ in [] },
        writing lines: @escaping @Sendable (AddressFamily, Lab) throws -> [String],
        sees expected: @escaping @Sendable (AddressFamily) -> [Expectation]
    ) {
        testDescription = name
        self.before = before
        self.lines = lines
        self.expected = expected
    }

    /// A case whose text is the same everywhere.
    init(
        _ name: String, _ lines: [String], after before: @escaping @Sendable (AddressFamily) -> [Probe] = { _ in [] },
        sees expected: @escaping @Sendable (AddressFamily) -> [Expectation]
    ) {
        self.init(name, after: before, writing: { _, _ in lines }, sees: expected)
    }

    /// A copy with a change.
    func with(_ change: (inout ImportedCase) -> Void) -> ImportedCase {
        var copy = self
        change(&copy)
        return copy
    }

    /// The same for both families.
    var forBoth: ImportedCase { with { $0.families = AddressFamily.allCases } }

    // MARK: - Judging

    /// Loads the rules into an engine, sends the packets, and compares.
    func judge(under backend: Backend) throws {
        let lab = try #require(LabTrait.lab)
        for family in families { try judge(family, under: backend, in: lab) }
    }

    private func judge(_ family: AddressFamily, under backend: Backend, in lab: Lab) throws {
        try lab.resetFirewall()
        if !docker.isEmpty { try lab.appendToForward(docker, family) }
        for probe in before(family) {
            let fate = try lab.send(probe)
            try #require(fate == .passed, "\(probe) does not pass without rules: \(fate)")
        }
        let text = ImportedText(try lines(family, lab), form, family)
        switch backend {
        case .iptables: try text.loadByIPTables(in: lab, zone: zone)
        case .nft: try text.loadByNFT(in: lab, options: options, zone: zone)
        }
        let expectations = expected(family)
        let probes = expectations.map(\.probe)
        let fates = try isSentOneByOne ? probes.map { try lab.send($0) } : lab.send(probes)
        for (expectation, fate) in zip(expectations, fates) {
            #expect(
                expectation.allows(fate),
                "\(expectation.probe) under \(backend): \(expectation.fate) expected, \(fate) seen\n\(text.text)")
        }
    }
}
