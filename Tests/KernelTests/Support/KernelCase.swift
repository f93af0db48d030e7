import PacketLab
import Seawall
import Testing

/// A policy, and what becomes of packets under it.
struct KernelCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let policy: PolicyContent
    private let families: [AddressFamily]
    private let refusedBy: Backend?
    private let before: @Sendable (AddressFamily) -> [Probe]
    private let expected: @Sendable (AddressFamily) -> [Expectation]

    /// A case.
    ///
    /// - Parameters:
    ///   - name: what is tried.
    ///   - families: the families of packets that are sent.
    ///   - refusedBy: the backend that cannot express the policy, and has to say so.
    ///   - before: packets that pass before the policy is there, and open connections.
    ///   - policy: the policy.
    ///   - expected: the packets that are sent under it, and what should become of them.
    init(
        _ name: String, families: [AddressFamily] = AddressFamily.allCases, refusedBy: Backend? = nil,
        after before: @escaping @Sendable (AddressFamily) -> [Probe] = { _ in [] },
        @PolicyBuilder policy: () -> PolicyContent,
        sees expected: @escaping @Sendable (AddressFamily) -> [Expectation]
    ) {
        testDescription = name
        self.families = families
        self.refusedBy = refusedBy
        self.before = before
        self.policy = policy()
        self.expected = expected
    }

    /// Applies the policy under a backend, sends the packets, and compares.
    func judge(under backend: Backend) throws {
        let lab = try #require(LabTrait.lab)
        try lab.resetFirewall()
        for family in families { try prepare(family, in: lab) }
        let installed = try install(policy, backend: backend, in: lab)
        if backend == refusedBy {
            #expect(installed.status == 3, "\(backend) cannot express this: \(installed.complaint)\(installed.output)")
            return
        }
        try #require(installed.status == 0, "seawall apply: \(installed.complaint)\(installed.output)")
        let expectations = families.flatMap(expected)
        let fates = try lab.send(expectations.map(\.probe))
        for (expectation, fate) in zip(expectations, fates) {
            #expect(
                expectation.allows(fate),
                "\(expectation.probe) under \(backend): \(expectation.fate) expected, \(fate) seen")
        }
    }

    private func prepare(_ family: AddressFamily, in lab: Lab) throws {
        for probe in before(family) {
            let fate = try lab.send(probe)
            try #require(fate == .passed, "\(probe) does not pass without a policy: \(fate)")
        }
    }
}

/// What should become of a packet.
struct Expectation: Sendable {
    let probe: Probe
    let fate: Fate

    static func passes(_ probe: Probe) -> Expectation { Expectation(probe: probe, fate: .passed) }
    static func drops(_ probe: Probe) -> Expectation { Expectation(probe: probe, fate: .dropped) }
    static func resets(_ probe: Probe) -> Expectation { Expectation(probe: probe, fate: .reset) }
    static func rejects(_ probe: Probe, _ type: UInt8, _ code: UInt8) -> Expectation {
        Expectation(probe: probe, fate: .refused(type: type, code: code))
    }

    func allows(_ fate: Fate) -> Bool { self.fate == fate }
}
