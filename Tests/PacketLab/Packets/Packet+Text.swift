internal import PacketModel

extension Probe: CustomStringConvertible {
    /// The packet as a failed expectation shows it.
    package var description: String { "\(sender.rawValue) → \(receiver.rawValue): \(packet)" }
}

extension Packet: CustomStringConvertible {
    /// `tcp(…) 192.168.0.1 → 192.168.0.254`, and what is unusual about it.
    package var description: String {
        var text = "\(payload) \(source) → \(destination)"
        if trafficClass != 0 { text += " class \(trafficClass)" }
        if hasWrongChecksum { text += " with a wrong checksum" }
        if isFragmented { text += " in fragments" }
        if let linkAddress { text += " to \(linkAddress)" }
        return text
    }
}
