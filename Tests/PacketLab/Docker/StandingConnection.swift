internal import Glibc
internal import PacketModel

/// A TCP connection to a container that stands until it is let go of.
package final class StandingConnection: Sendable {
    private let socket: Descriptor
    /// Who answered.
    package let reply: Reply

    init(_ knock: Knocking) {
        socket = knock.descriptor
        reply = knock.reply ?? .silence
    }

    /// Whether data passes to the container and back; a machine with much to do is waited for.
    package var passes: Bool { passes(within: 5000) }
    /// Whether no data passes for a while.
    package var isCut: Bool { !passes(within: 500) }

    /// Whether data passes to the container and back within a time in milliseconds.
    private func passes(within timeout: Int) -> Bool {
        while let (bytes, _) = socket.receive(), !bytes.isEmpty {}
        let word = [UInt8.random(in: 97...122), UInt8.random(in: 97...122)]
        guard socket.send(word) else { return false }
        let deadline = Deadline(in: timeout)
        var back: [UInt8] = []
        while deadline.left > 0, !back.hasSuffix(word) {
            _ = waitReadable([socket], until: deadline)
            guard let (bytes, _) = socket.receive() else { continue }
            if bytes.isEmpty { return false }
            back += bytes
        }
        return back.hasSuffix(word)
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ word: [UInt8]) -> Bool { suffix(word.count) == word[...] }
}

extension DockerLab {
    /// Opens a TCP connection that stays open as long as it is held.
    ///
    /// - Parameter knock: the connection.
    /// - Returns: the connection, once somebody has answered.
    /// - Throws: `LabError` if nobody does.
    package func open(_ knock: Knock) throws -> StandingConnection {
        let namespace = try namespace(of: knock.caller)
        var underWay = try namespace.run { try Knocking(to: knock.address, port: knock.port) }
        while underWay.reply == nil {
            if wait([underWay.entry], until: Deadline(in: Int(underWay.left)))[0] != 0 { underWay.step() }
            underWay.expire()
        }
        guard underWay.reply?.isAnswer == true else { throw LabError("nobody answers at port \(knock.port)") }
        return StandingConnection(underWay)
    }
}
