internal import PacketModel
internal import RulesetLab

/// Addresses as blocklists have them: four in five are hosts, the fifth are networks of 256.
struct BlockList {
    /// All networks, as `1.2.3.4` or `1.2.3.0/24`, none within another.
    let networks: [String]
    /// Their first addresses.
    let firstAddresses: [String]
    /// One that is not among them.
    let extra = "203.0.113.77"

    /// A list that is the same for the same number.
    init(count: Int) {
        var random = SeededGenerator(seed: 1)
        var seen: Set<UInt32> = []
        var networks: [String] = []
        var first: [String] = []
        while networks.count < count {
            // No two share a network of 256, so that nothing lies within another.
            let block = UInt32(random.number(0x80_0000...0xbf_ffff))
            guard seen.insert(block).inserted else { continue }
            let isHost = random.number(0...4) > 0
            let address = IPAddress.v4(block << 8 | (isHost ? UInt32(random.number(1...254)) : 0)).description
            first.append(address)
            networks.append(isHost ? address : address + "/24")
        }
        self.networks = networks
        firstAddresses = first
    }

    /// A policy that drops what comes from the list.
    func document(withExtra: Bool) -> String {
        let list = (networks + (withExtra ? [extra] : [])).map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            {"seawall": {"document": 1, "generator": "seawall-bench"}, "policy": "Listed", "files": [],
             "content": [{"scope": {"id": "5c0pe000", "kind": "inbound", "in": "eth0", "related": "pass",
             "invalid": "judge", "untracked": "judge", "direct": "judge", "content": [
             {"rule": {"id": "00000001", "verdict": "drop", "from": [\(list)]}}]}}],
             "locations": {"5c0pe000": "Policy.swift:1", "00000001": "Policy.swift:2"}}
            """
    }
}
