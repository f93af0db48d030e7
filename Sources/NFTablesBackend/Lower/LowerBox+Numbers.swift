internal import FirewallIR
internal import PacketModel

extension LowerBox {
    /// Matches on length, hop limit and code point, in the header of the family or beside it.
    ///
    /// The length is `meta length` in both families: the kernel trims a packet to what its IP header says before any hook,
    /// and of joined segments both `-m length` and this count all.
    mutating func numbers() throws(NFTRefusal) {
        if let values = box.numbers[.length]?.values { add(values, of: .length, .meta(.length)) }
        if let values = box.numbers[.hopLimit]?.values {
            add(values, of: .hopLimit, try header("ttl", "hoplimit"))
        }
        if let values = box.numbers[.dscp]?.values {
            // Single values: six bits within a byte, or across two, are compared under a mask, and never as a range.
            let single = values.isolated
            add(single, of: .dscp, try header("dscp", "dscp"))
        }
    }

    /// A match on the Ethernet source; nft itself asks for an Ethernet link, so that it fails on others, as `-m mac` does.
    mutating func hardwareAddress() throws(NFTRefusal) {
        guard let presence = box.numbers[.sourceMAC] else { return }
        guard !presence.allowsAbsent else {
            throw NFTRefusal(reason: "the absence of a hardware address cannot be asked for")
        }
        let missing = presence.values.complement.intersection(NumericField.sourceMAC.all).intervals
        let isNegated = missing.count < presence.values.intervals.count
        let parts = isNegated ? missing : presence.values.intervals
        guard !parts.isEmpty, parts.allSatisfy({ $0.lowerBound == $0.upperBound }) else {
            throw NFTRefusal(reason: "hardware addresses are matched one by one, and not as a range")
        }
        let values = parts.map { NFTValue.mac($0.lowerBound) }
        after.append(
            .match(
                .payload("ether", "saddr"), isNegated ? .notEqual : .equal, values.count == 1 ? values[0] : .set(values)
            ))
    }

    private func header(_ v4: String, _ v6: String) throws(NFTRefusal) -> NFTExpression {
        switch family {
        case .ip: .payload("ip", v4)
        case .ip6: .payload("ip6", v6)
        case nil: throw NFTRefusal(reason: "the field '\(v4)' is asked for without a family")
        }
    }

    private mutating func add(_ values: [ClosedRange<UInt64>], of field: NumericField, _ left: NFTExpression) {
        guard IntervalSet(values) != field.all else { return }
        before.append(.match(left, .equal, values.nftValue))
    }

    private mutating func add(_ values: IntervalSet<UInt64>, of field: NumericField, _ left: NFTExpression) {
        let missing = values.complement.intersection(field.all).intervals
        guard !missing.isEmpty else { return }
        let isNegated = missing.count < values.intervals.count || missing.count == 1 && missing[0].lowerBound == 0
        before.append(
            .match(left, isNegated ? .notEqual : .equal, (isNegated ? missing : values.intervals).nftValue))
    }
}

extension [ClosedRange<UInt64>] {
    /// One as it is, several as an anonymous set.
    fileprivate var nftValue: NFTValue { count == 1 ? self[0].value : .set(map(\.value)) }
}

extension IntervalSet<UInt64> {
    /// The numbers one by one.
    fileprivate var isolated: [ClosedRange<UInt64>] { intervals.flatMap { $0.map { $0...$0 } } }
}
