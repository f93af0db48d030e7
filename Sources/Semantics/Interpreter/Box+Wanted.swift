package import FirewallIR
internal import PacketModel

extension Box {
    /// What the packet has and the box wants in a field; no other field is looked at.
    ///
    /// - Parameters:
    ///   - field: a field that the box restricts.
    ///   - packet: a packet that is not in the box because of it.
    /// - Returns: both in words; of long lists the beginning.
    package func mismatch(in field: PacketField, with packet: PacketState) -> Mismatch {
        let (found, wanted) = headerWords(field, packet) ?? connectionWords(field, packet) ?? metaWords(field, packet)
        return Mismatch(field: field, found: found, wanted: wanted ?? "another")
    }

    private typealias Words = (found: String?, wanted: String?)

    private func headerWords(_ field: PacketField, _ packet: PacketState) -> Words? {
        let family = packet.family
        switch field {
        case .source: return ("\(packet.source)", source?.wanted(family))
        case .destination: return ("\(packet.destination)", destination?.wanted(family))
        case .proto:
            return (packet.proto.name(in: family), protocols?.wanted { IPProtocol(rawValue: $0).name(in: family) })
        case .sourcePort: return (packet.sourcePort.map(String.init), sourcePort?.wanted(\.numbers))
        case .destinationPort: return (packet.destinationPort.map(String.init), destinationPort?.wanted(\.numbers))
        case .icmp:
            return (
                packet.icmp.map { ICMPName.text($0, family) },
                icmp?.wanted { $0.wanted { ICMPName.text($0, family) } }
            )
        case .tcpFlags:
            return (
                packet.tcpFlags?.text,
                tcpFlags?.wanted { $0.map { $0.wanted { TCPFlags(rawValue: $0).text } }.joined(separator: " and ") }
            )
        case .fragment:
            return (
                packet.isLaterFragment ? "not the first" : "the first or none",
                isLaterFragment == true ? "a later one" : "the first or none"
            )
        default: return nil
        }
    }

    private func connectionWords(_ field: PacketField, _ packet: PacketState) -> Words? {
        let entry = packet.entry
        switch field {
        case .state: return (packet.state.list, state?.list)
        case .direction:
            return (entry?.direction.names.joined(), direction?.wanted { $0.names.joined(separator: " or ") })
        case .status:
            return (
                entry?.status.text,
                status?.wanted {
                    $0.map { $0.wanted { ConntrackStatus(rawValue: $0).text } }.joined(separator: " and ")
                }
            )
        case .originalSource: return (entry.map { "\($0.source)" }, originalSource?.wanted { $0.wanted(packet.family) })
        case .originalDestination:
            return (entry.map { "\($0.destination)" }, originalDestination?.wanted { $0.wanted(packet.family) })
        case .originalProtocol:
            return (
                entry?.proto.name(in: packet.family),
                originalProtocol?.wanted { $0.wanted { IPProtocol(rawValue: $0).name(in: packet.family) } }
            )
        case .originalSourcePort:
            return (entry.map { String($0.sourcePort) }, originalSourcePort?.wanted(\.numbers))
        case .originalDestinationPort:
            return (entry.map { String($0.destinationPort) }, originalDestinationPort?.wanted(\.numbers))
        case .connectionMark:
            return (
                entry.map { hexadecimal($0.mark) },
                connectionMark?.wanted { $0.map { $0.wanted(hexadecimal) }.joined(separator: " and ") }
            )
        default: return nil
        }
    }

    private func metaWords(_ field: PacketField, _ packet: PacketState) -> Words {
        switch field {
        case .family:
            return (packet.family.displayName, families.families.map(\.displayName).joined(separator: " or "))
        case .inInterface: return (PacketDescription.quoted(packet.inInterface), inInterface?.wanted)
        case .outInterface: return (PacketDescription.quoted(packet.outInterface), outInterface?.wanted)
        case .mark: return (hexadecimal(packet.mark), mark.map { $0.wanted(hexadecimal) }.joined(separator: " and "))
        case .packetType: return (packet.packetType.list, packetType?.list)
        case .addressType: return addressTypeWords(packet)
        case .length: return numberWords(.length, packet)
        case .hopLimit: return numberWords(.hopLimit, packet)
        case .dscp: return numberWords(.dscp, packet)
        case .sourceMAC: return numberWords(.sourceMAC, packet)
        default: return (nil, nil)
        }
    }

    private func numberWords(_ field: NumericField, _ packet: PacketState) -> Words {
        (
            packet.number(field).map(field.text),
            numbers[field]?.wanted { $0.intersection(field.all).wanted(field.text, all: field.all) }
        )
    }

    /// Of the look-ups, the first that fails.
    private func addressTypeWords(_ packet: PacketState) -> Words {
        let failing = addressTypes.first { test in
            test.types.contains(packet.addressType(test.question)) == test.isNegated
        }
        guard let failing else { return (nil, nil) }
        let found = packet.addressType(failing.question).names.joined(separator: " or ")
        let wanted = (failing.isNegated ? "not " : "") + failing.types.names.joined(separator: " or ")
        return ("\(found) (\(failing.question.words.joined(separator: " ")))", wanted)
    }
}
