import PacketLab
import PacketModel

/// Connections every few milliseconds, while something is done to a host: of the client, which have to be answered, and of the
/// stranger, which must not be.
struct Patrols {
    /// What they saw.
    struct Report: CustomStringConvertible {
        /// Connections that have to be answered.
        var allowed: [KnockPatrol.Report]
        /// Connections that must not be.
        var forbidden: [KnockPatrol.Report]

        /// How many that must not be were answered.
        var leaked: Int { forbidden.reduce(0) { $0 + $1.answered } }
        /// How many that have to be were not.
        var refused: Int { allowed.reduce(0) { $0 + $1.refused + $1.silent } }
        /// How many there were.
        var sent: (allowed: Int, forbidden: Int) {
            (allowed.reduce(0) { $0 + $1.sent }, forbidden.reduce(0) { $0 + $1.sent })
        }

        var description: String {
            "forbidden passed: \(leaked) of \(sent.forbidden)"
                + (allowed.isEmpty ? "" : ", allowed refused: \(refused) of \(sent.allowed)")
        }
    }

    private let allowed: [KnockPatrol]
    private let forbidden: [KnockPatrol]

    /// Begins.
    ///
    /// - Parameters:
    ///   - lab: where.
    ///   - families: the families.
    ///   - isUndisturbed: whether containers run all the time: only then the client's connections are opened as well.
    /// - Throws: `LabError` if there is no thread to be had.
    init(in lab: DockerLab, _ families: [AddressFamily] = [.ip], isUndisturbed: Bool = true) throws {
        func patrol(_ machine: DockerLab.Outside, _ family: AddressFamily, _ port: UInt16, _ interval: Int) throws
            -> KnockPatrol
        {
            let address = IPAddress(machine.hostText(family)) ?? .v4(0)
            var order = KnockPatrol.Order(machine, to: address, port, every: interval)
            if !isUndisturbed { order.greetingPatience = 500 }
            return try KnockPatrol(in: lab, order)
        }
        forbidden = try families.map { try patrol(.stranger, $0, 8080, 2) }
        allowed = isUndisturbed ? try families.map { try patrol(.client, $0, 8080, 5) } : []
    }

    /// Whether something forbidden has passed so far.
    var hasLeak: Bool { forbidden.contains { $0.answeredSoFar > 0 } }

    /// Ends.
    func end() throws -> Report {
        Report(allowed: try allowed.map { try $0.end() }, forbidden: try forbidden.map { try $0.end() })
    }
}
