internal import Diagnostics
internal import FirewallIR
internal import Importing
internal import PacketLab
internal import PacketModel
internal import RulesetLab
internal import Semantics

/// The packets that a rule set is judged by: one at least of each class that its rules tell apart and that can be sent.
struct TrialPackets {
    private(set) var packets: [CrossingMaker.Made] = []
    private(set) var signals = CrossingMaker.Signals()
    /// How many classes they are of.
    private(set) var classes = 0
    /// How many rules are met by one of them, and how many there are.
    private(set) var rules = (met: 0, all: 0)
    /// What the rules do with each, by the reference interpreter; `nil` where a guard has a say.
    private(set) var meant: [PacketVerdict?] = []

    /// How many packets are looked at, and how many are sent at most.
    private static let (drawn, sent) = (6000, 500)

    /// Packets for rules.
    ///
    /// - Parameters:
    ///   - scope: the rules, as they were imported.
    ///   - family: the family of the packets.
    init(_ scope: Scope, _ family: AddressFamily) {
        let ruleset = Ruleset(name: "trial", scopes: [scope])
        let random = RandomPackets(near: [ruleset])
        var generator = SeededGenerator(seed: 7)
        let covering = PacketClasses.representatives(of: [scope], family: family, limit: Self.drawn).map(\.packet)
        let near = (0..<Self.drawn).map { _ in random.packet(&generator) }.filter { $0.family == family }
        let classifier = PacketClassifier([scope], family: family, representation: .digits)
        var counts: [PacketClassifier.PacketClass?: Int] = [:]
        for wanted in covering + near where packets.count < Self.sent {
            guard let made = CrossingMaker.make(wanted, &signals) else { continue }
            let own = classifier?.classify(made.state, [.usual]).class
            // Two of each class, so that not all that is told of one hangs on a single packet.
            guard counts[own, default: 0] < 2 else { continue }
            counts[own, default: 0] += 1
            packets.append(made)
        }
        classes = counts.count
        judge(scope)
    }

    private mutating func judge(_ scope: Scope) {
        let interpreter = Interpreter(scope)
        var met: Set<String> = []
        meant = packets.map { made in
            let evaluation = interpreter.evaluate(made.state, keepsSteps: false)
            let steps = evaluation.steps.map(\.rule)
            met.formUnion(steps.map(\.id))
            let isGuarded = steps.contains { !$0.allGuards.isEmpty || $0.allStages.contains { !$0.opaque.isEmpty } }
            return isGuarded ? nil : evaluation.verdict
        }
        rules = (met.count, scope.chains.map(\.rules.count).reduce(0, +))
    }
}
