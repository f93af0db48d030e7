internal import PacketLab
internal import PacketModel

/// A template, and what has to become of connections under it.
struct Scenario: Sendable {
    /// The folder of the template.
    let template: String
    /// What the policy says, in one line.
    let summary: String
    /// How the rules come into the kernel; a stage is a part of the table.
    var stages: [Stage] = [.applied]
    /// The connections that are tried.
    let trials: [Trial]
}

/// How the rules of a policy come into the kernel.
enum Stage: Sendable {
    /// By `seawall apply`.
    case applied
    /// When the host starts, from the file that `seawall compile --for` wrote for its boot service.
    case booted
}

/// A connection that is tried, and what should become of it.
struct Trial: Sendable {
    /// What is tried.
    let attempt: Attempt
    /// What should become of it.
    let expected: Outcome

    /// What is tried.
    enum Attempt: Sendable {
        /// A connection over TCP, or a question over UDP.
        case dial(Connection)
        /// A question over UDP whose client is gone when the answer comes, so that an ICMP error follows.
        case errorExchange(Connection)

        /// The connection.
        var connection: Connection {
            switch self {
            case .dial(let connection), .errorExchange(let connection): connection
            }
        }
    }
}

/// What became of a trial, in the words of the table.
enum Outcome: String, Sendable {
    /// The connection stands, or the question was answered.
    case passes
    /// Nothing came back.
    case dropped
    /// A reset or an ICMP error came back.
    case refused
    /// The ICMP error reached the container.
    case errorPasses = "error arrives"
    /// The answer went out, and the ICMP error about it was lost.
    case errorLost = "error lost"

    init(_ answer: Answer) {
        switch answer {
        case .connected: self = .passes
        case .refused, .unreachable: self = .refused
        case .timeout: self = .dropped
        }
    }

    init(_ exchange: ErrorExchange) {
        switch exchange {
        case .questionLost: self = .dropped
        case .errorLost: self = .errorLost
        case .errorArrived: self = .errorPasses
        }
    }
}

extension Trial {
    /// The line of the table: `IPv4  192.168.0.1 → 8080/tcp`.
    var title: String {
        let connection = attempt.connection
        let family = connection.address.family
        let isPublished = connection.address == Host.router.address(family)
        let port = "\(connection.port)/\(connection.transport.name)"
        let target = isPublished ? port : "\(connection.address) \(port)"
        var text = "\(family.displayName)  \(connection.client.address(family)) → \(target)"
        if case .errorExchange = attempt { text += ", then an ICMP error" }
        return text
    }
}
