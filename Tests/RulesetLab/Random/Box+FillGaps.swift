internal import FirewallIR

extension Box {
    /// Takes over another box's restrictions of fields that this one leaves open.
    mutating func fillGaps(from other: Box) {
        inInterface = inInterface ?? other.inInterface
        outInterface = outInterface ?? other.outInterface
        source = source ?? other.source
        destination = destination ?? other.destination
        protocols = protocols ?? other.protocols
        sourcePort = sourcePort ?? other.sourcePort
        destinationPort = destinationPort ?? other.destinationPort
        icmp = icmp ?? other.icmp
        tcpFlags = tcpFlags ?? other.tcpFlags
        isLaterFragment = isLaterFragment ?? other.isLaterFragment
        state = state ?? other.state
        direction = direction ?? other.direction
        status = status ?? other.status
        originalSource = originalSource ?? other.originalSource
        originalDestination = originalDestination ?? other.originalDestination
        originalProtocol = originalProtocol ?? other.originalProtocol
        originalSourcePort = originalSourcePort ?? other.originalSourcePort
        originalDestinationPort = originalDestinationPort ?? other.originalDestinationPort
        packetType = packetType ?? other.packetType
        connectionMark = connectionMark ?? other.connectionMark
        numbers.merge(other.numbers) { own, _ in own }
        if mark.isEmpty { mark = other.mark }
        if addressTypes.isEmpty { addressTypes = other.addressTypes }
    }
}
