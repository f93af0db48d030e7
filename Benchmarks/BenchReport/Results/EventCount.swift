/// How many forbidden connections passed while something happened on a host with Docker, time by time.
package struct EventCount: Hashable, Sendable {
    /// What happened.
    package enum Event: String, CaseIterable, Hashable, Sendable {
        case networkCreate, containerRestart, daemonRestart, liveRestore, migration

        /// The event in words.
        package var title: String {
            switch self {
            case .networkCreate: "docker network create"
            case .containerRestart: "docker restart, the container"
            case .daemonRestart: "restart of dockerd"
            case .liveRestore: "the same with live-restore"
            case .migration: "seawall migrate, and --back"
            }
        }
    }

    /// Where the rules are, and which iptables Docker uses.
    package enum Way: String, CaseIterable, Hashable, Sendable {
        case dockerUserLegacy, dockerUserNFT, tableLegacy, tableNFT

        /// The way in words, for the head of a column.
        package var title: String {
            switch self {
            case .dockerUserLegacy: "DOCKER-USER, iptables-legacy"
            case .dockerUserNFT: "DOCKER-USER, iptables-nft"
            case .tableLegacy: "our table, Docker on iptables-legacy"
            case .tableNFT: "our table, Docker on iptables-nft"
            }
        }

        /// Whether the rules are in our table.
        package var isTable: Bool { self == .tableLegacy || self == .tableNFT }
    }

    /// What happened.
    package var event: Event
    /// Under which rules.
    package var way: Way
    /// How many passed each time.
    package var passed: [Int]
    /// How many were tried each time.
    package var sent: [Int]

    /// Counts.
    package init(_ event: Event, _ way: Way, passed: [Int], sent: [Int]) {
        (self.event, self.way, self.passed, self.sent) = (event, way, passed, sent)
    }

    /// How many passed in all.
    package var total: Int { passed.reduce(0, +) }

    /// `27 of 20,000, in 9 of 20 times`.
    package var text: String {
        let all = "\(Decimal.grouped(total)) of \(Decimal.grouped(sent.reduce(0, +)))"
        return all + (total == 0 ? "" : ", in \(passed.count { $0 > 0 }) of \(passed.count)")
    }

    /// Whether nothing passed where nothing may.
    package var isWithinBar: Bool { total == 0 || !way.isTable }
}
