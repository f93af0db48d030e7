internal import FirewallIR
internal import PacketModel

extension PacketState {
    /// The fields that the packet has, in words, in the order in which they are usually named.
    package var fields: [(field: PacketField, value: String)] {
        let fields: [(field: PacketField, value: String?)] = headerFields + connectionFields + metaFields
        return fields.compactMap { field, value in value.map { (field, $0) } }
    }

    private var headerFields: [(field: PacketField, value: String?)] {
        [
            (.family, family.rawValue), (.inInterface, inInterface), (.outInterface, outInterface),
            (.source, source.description), (.destination, destination.description), (.proto, proto.name(in: family)),
            (.sourcePort, sourcePort.map { String($0) }), (.destinationPort, destinationPort.map { String($0) }),
            (.icmp, icmp.map { ICMPName.text($0, family) }), (.tcpFlags, tcpFlags?.text),
            (.fragment, isLaterFragment ? "later" : nil),
        ]
    }

    private var connectionFields: [(field: PacketField, value: String?)] {
        [
            (.state, state.names.joined(separator: ",")),
            (.direction, entry?.direction.names.joined(separator: ",")), (.status, entry?.status.text),
            (.originalSource, entry?.source.description), (.originalDestination, entry?.destination.description),
            (.originalProtocol, entry?.proto.name(in: family)),
            (.originalSourcePort, entry.map { String($0.sourcePort) }),
            (.originalDestinationPort, entry.map { String($0.destinationPort) }),
            (.connectionMark, entry.flatMap { $0.mark == 0 ? nil : hexadecimal($0.mark) }),
        ]
    }

    private var metaFields: [(field: PacketField, value: String?)] {
        let types = addressTypes.sorted { $0.key.order < $1.key.order }.map { question, types in
            (question.words + types.names).joined(separator: " ")
        }
        // Those that are as they usually are, and that few rules ask for, are passed over.
        let numbers = NumericField.allCases.map { field -> (field: PacketField, value: String?) in
            let value = number(field)
            return (field.packetField, value == field.usual ? nil : value.map(field.text))
        }
        return numbers + [
            (.mark, hexadecimal(mark)), (.packetType, packetType.names.joined(separator: ",")),
            (.addressType, types.isEmpty ? nil : types.joined(separator: ", ")),
        ]
    }
}
